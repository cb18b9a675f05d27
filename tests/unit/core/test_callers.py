"""Authorization: rules that hold for every caller, and the message of each refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.callers import ANYONE, Authenticated, Caller, Scope
from services.core.errors import Forbidden, InsufficientScope, InvalidInput
from tests.harness.builders import a_task

# Few names, so that two callers often have the same.
users = st.sampled_from(["ada", "ada:1", "grace", "gr.ace", "ada b", "ada%20b", "auth0|1", "x" * 255])
scopes = st.frozensets(st.sampled_from([*Scope, "openid", "tasks/administrator", "TASKS/ADMIN", ""]))
keys = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=255)


@st.composite
def callers(draw: st.DrawFn) -> Authenticated:
    return Authenticated(draw(users), draw(scopes))


@given(callers(), st.sampled_from(Scope))
def test_a_token_grants_only_its_scopes(caller: Authenticated, scope: Scope) -> None:
    if scope in caller.scopes:
        caller.require(scope)
    else:
        with pytest.raises(InsufficientScope, match=scope):
            caller.require(scope)


@given(callers(), users)
def test_only_admins_reach_other_users_data(caller: Authenticated, user: str) -> None:
    reaches = user == caller.subject or Scope.ADMIN in caller.scopes
    assert caller.may_see(a_task(user_id=user)) == reaches
    if reaches:
        caller.require_user(user)
        assert caller.owner(user) == caller.confine(user) == user
    else:
        for rule in (caller.owner, caller.confine, caller.require_user):
            with pytest.raises(Forbidden, match="userId"):
                rule(user)


@given(callers())
def test_the_caller_is_the_default_user(caller: Authenticated) -> None:
    assert caller.owner(None) == caller.subject
    assert caller.confine(None) == (None if Scope.ADMIN in caller.scopes else caller.subject)


@given(callers(), users, st.none() | users)
def test_approving_an_own_task_or_in_anothers_name_is_forbidden(
    caller: Authenticated, owner: str, named: str | None
) -> None:
    task = a_task(user_id=owner)
    if owner != caller.subject and named in (None, caller.subject):
        assert caller.approver(task, named) == caller.subject
    else:
        with pytest.raises(Forbidden):
            caller.approver(task, named)


@given(st.tuples(users, keys), st.tuples(users, keys))
def test_callers_never_share_an_idempotency_key(one: tuple[str, str], other: tuple[str, str]) -> None:
    held = [Authenticated(user, ()).own_key(key) for user, key in (one, other)]
    assert (held[0] == held[1]) == (one == other)


def test_a_space_in_the_subject_is_not_one_in_the_key() -> None:
    assert Authenticated("ada b", ()).own_key("c") != Authenticated("ada", ()).own_key("b c")
    assert Authenticated("ada b", ()).own_key("c") != Authenticated("ada%20b", ()).own_key("c")
    # Stored for a day: another form of them would let a key count twice.
    assert Authenticated("ada%b c", ()).own_key("d") == "ada%25b%20c d"


def test_keys_of_an_earlier_release_stay_valid() -> None:
    assert Authenticated("ada", ()).own_key("monday morning") == "ada monday morning"


@given(users, users)
def test_without_authentication_the_ids_in_a_request_are_trusted(owner: str, named: str) -> None:
    caller: Caller = ANYONE

    caller.require_user(owner)
    assert caller.may_see(a_task(user_id=owner))
    assert (caller.owner(named), caller.confine(named), caller.confine(None)) == (named, named, None)
    assert caller.approver(a_task(user_id=owner), named) == named
    assert caller.approver(a_task(user_id=owner), None) == "anonymous"
    assert caller.own_key(named) == named


def test_without_authentication_a_task_needs_an_owner() -> None:
    with pytest.raises(InvalidInput, match="#/userId: Field required"):
        ANYONE.owner(None)
