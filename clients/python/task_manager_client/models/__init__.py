"""Contains all the data models used in inputs/outputs"""

from .approval import Approval
from .approval_decision import ApprovalDecision
from .approval_request import ApprovalRequest
from .approval_request_decision import ApprovalRequestDecision
from .event_list import EventList
from .feed_entry import FeedEntry
from .gateway_refusal import GatewayRefusal
from .new_task import NewTask
from .priority import Priority
from .problem import Problem
from .problem_error import ProblemError
from .status import Status
from .task import Task
from .task_changes import TaskChanges
from .task_page import TaskPage
from .user_statistics import UserStatistics

__all__ = (
    "Approval",
    "ApprovalDecision",
    "ApprovalRequest",
    "ApprovalRequestDecision",
    "EventList",
    "FeedEntry",
    "GatewayRefusal",
    "NewTask",
    "Priority",
    "Problem",
    "ProblemError",
    "Status",
    "Task",
    "TaskChanges",
    "TaskPage",
    "UserStatistics",
)
