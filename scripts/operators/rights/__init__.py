"""The functions' rights as used: what the local cloud's IAM decided, compared with the function map."""
