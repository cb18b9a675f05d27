"""The command line: the only place that parses arguments.

Each command calls one function, which is imported when the command runs.
"""
