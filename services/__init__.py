"""The task manager's Lambda functions: `core` holds the rules, `adapters` call AWS, handlers are thin."""
