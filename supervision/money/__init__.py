"""资金核查: a month's money against decisions, register, batches, bank and ledger, found by the system."""
