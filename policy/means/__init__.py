"""The means test, one module a programme: pure functions over facts and the rules of a place and day."""
