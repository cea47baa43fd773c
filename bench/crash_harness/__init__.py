"""A month of money, killed everywhere: nothing is paid twice, lost or stuck (docs/money-proof.md).

`.venv/bin/python -m bench.crash_harness --help` says what there is to run. The suite runs a slice of the same
code (tests/payments/test_crash_harness.py).
"""
