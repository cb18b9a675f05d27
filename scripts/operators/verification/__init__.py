"""`make verify`: checks a deployment from outside, reports, and removes what the checks made."""
