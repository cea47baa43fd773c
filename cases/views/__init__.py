"""Scope, permission, form, service, redirect."""
