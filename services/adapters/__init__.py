"""The only code that talks to AWS: one place a service, speaking the words of `core`."""
