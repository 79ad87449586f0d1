"""The money trail: what became of one refund, from the request to the bank and the month that two people sign."""
