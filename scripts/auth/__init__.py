"""Tokens for the API: signed by an issuer on the local cloud, or fetched from Cognito."""
