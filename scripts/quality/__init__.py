"""Checks of the code: linting, security scans, locked dependencies, continuous integration."""
