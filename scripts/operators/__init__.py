"""Commands for a running deployment: logs, traces, events, dead letters, replay, restore, approvals."""
