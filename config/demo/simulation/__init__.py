"""Thousands of refunds through real workers, a real database and a faulty processor, and the audit of what came of it.

`manage.py simulate_money` runs it. Everything that moves money is the product's own code; what is made up stands
here: who asks for what (`goods`), which worker dies when (`mortal`), a wrong rule to prove the audit by (`naive`), and
a clock that skips the hours in which nobody has anything to do (`clock`).
"""
