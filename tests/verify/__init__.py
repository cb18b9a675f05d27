"""The checks of `make verify`: tests against a deployment that others use. `make test` leaves them out."""
