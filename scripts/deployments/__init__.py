"""The application on a cloud: deployed locally or to AWS, found again, and the tokens of its API."""
