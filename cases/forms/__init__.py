"""Parsing what clerks type; rules live elsewhere."""
