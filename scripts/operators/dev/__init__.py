"""`make dev`: edits are live at the next call, and what happens is shown as it happens."""
