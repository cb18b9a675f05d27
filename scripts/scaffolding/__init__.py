"""What `make add-endpoint`, `add-event`, `add-reaction` and `add-table` write: files from templates, and
entries in files that are there.
"""
