"""Making a project of one's own from this one: names, renaming, and what copier runs."""
