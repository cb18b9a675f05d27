"""The DynamoDB tables, each behind a class of its own."""
