"""`make dev` on the embedded cloud: functions run the working tree in place of the deployed package."""
