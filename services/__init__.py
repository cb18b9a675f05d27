"""The task manager's Lambda functions: `core` knows the rules, `adapters` know AWS, the rest are thin."""
