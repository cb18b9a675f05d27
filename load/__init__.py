"""The application under load: journeys of users, shapes of traffic, and what must hold."""
