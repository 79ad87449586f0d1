"""The sandbox: a Stripe-shaped processor of our own with books, signed webhooks and faults on request.

`python -m refunds.gateways.sandbox --port 12111 --data var/sandbox` runs it as a process apart: standard library and
the unit tables only, no Django, loopback only.
"""
