"""Values that no log line may hold, each recognisable by its own word."""

MARK = "planted"

SESSION_TOKEN = f"{MARK}-session-token"
ACCESS_KEY = f"{MARK}-access-key"
AUTHORIZATION = f"Bearer {MARK}-authorization"
TITLE = f"{MARK}-title"
DESCRIPTION = f"{MARK}-description"
TAG = f"{MARK}-tag"
REASON = f"{MARK}-reason-of-the-approver"
TASK_TOKEN = f"{MARK}-task-token"
