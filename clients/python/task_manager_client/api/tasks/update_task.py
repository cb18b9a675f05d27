from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.gateway_refusal import GatewayRefusal
from ...models.problem import Problem
from ...models.task import Task
from ...models.task_changes import TaskChanges
from ...types import UNSET, Response, Unset


def _get_kwargs(
    task_id: UUID,
    *,
    body: TaskChanges,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/tasks/{task_id}".format(
            task_id=quote(str(task_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> GatewayRefusal | Problem | Task | None:
    if response.status_code == 200:
        response_200 = Task.from_dict(response.json())

        return response_200

    if response.status_code == 400:

        def _parse_response_400(data: object) -> GatewayRefusal | Problem:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_400_type_0 = Problem.from_dict(data)

                return response_400_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_400_type_1 = GatewayRefusal.from_dict(data)

            return response_400_type_1

        response_400 = _parse_response_400(response.json())

        return response_400

    if response.status_code == 401:

        def _parse_response_401(data: object) -> GatewayRefusal | Problem:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_401_type_0 = Problem.from_dict(data)

                return response_401_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_401_type_1 = GatewayRefusal.from_dict(data)

            return response_401_type_1

        response_401 = _parse_response_401(response.json())

        return response_401

    if response.status_code == 403:

        def _parse_response_403(data: object) -> GatewayRefusal | Problem:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_403_type_0 = Problem.from_dict(data)

                return response_403_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_403_type_1 = GatewayRefusal.from_dict(data)

            return response_403_type_1

        response_403 = _parse_response_403(response.json())

        return response_403

    if response.status_code == 404:

        def _parse_response_404(data: object) -> GatewayRefusal | Problem:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_404_type_0 = Problem.from_dict(data)

                return response_404_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_404_type_1 = GatewayRefusal.from_dict(data)

            return response_404_type_1

        response_404 = _parse_response_404(response.json())

        return response_404

    if response.status_code == 409:

        def _parse_response_409(data: object) -> GatewayRefusal | Problem:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_409_type_0 = Problem.from_dict(data)

                return response_409_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_409_type_1 = GatewayRefusal.from_dict(data)

            return response_409_type_1

        response_409 = _parse_response_409(response.json())

        return response_409

    if response.status_code == 412:

        def _parse_response_412(data: object) -> GatewayRefusal | Problem:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_412_type_0 = Problem.from_dict(data)

                return response_412_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_412_type_1 = GatewayRefusal.from_dict(data)

            return response_412_type_1

        response_412 = _parse_response_412(response.json())

        return response_412

    if response.status_code == 413:

        def _parse_response_413(data: object) -> GatewayRefusal | Problem:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_413_type_0 = Problem.from_dict(data)

                return response_413_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_413_type_1 = GatewayRefusal.from_dict(data)

            return response_413_type_1

        response_413 = _parse_response_413(response.json())

        return response_413

    if response.status_code == 415:

        def _parse_response_415(data: object) -> GatewayRefusal | Problem:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_415_type_0 = Problem.from_dict(data)

                return response_415_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_415_type_1 = GatewayRefusal.from_dict(data)

            return response_415_type_1

        response_415 = _parse_response_415(response.json())

        return response_415

    if response.status_code == 422:

        def _parse_response_422(data: object) -> GatewayRefusal | Problem:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_422_type_0 = Problem.from_dict(data)

                return response_422_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_422_type_1 = GatewayRefusal.from_dict(data)

            return response_422_type_1

        response_422 = _parse_response_422(response.json())

        return response_422

    if response.status_code == 500:

        def _parse_response_500(data: object) -> GatewayRefusal | Problem:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_500_type_0 = Problem.from_dict(data)

                return response_500_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_500_type_1 = GatewayRefusal.from_dict(data)

            return response_500_type_1

        response_500 = _parse_response_500(response.json())

        return response_500

    if response.status_code == 503:

        def _parse_response_503(data: object) -> GatewayRefusal | Problem:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_503_type_0 = Problem.from_dict(data)

                return response_503_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_503_type_1 = GatewayRefusal.from_dict(data)

            return response_503_type_1

        response_503 = _parse_response_503(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[GatewayRefusal | Problem | Task]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    task_id: UUID,
    *,
    client: AuthenticatedClient,
    body: TaskChanges,
    if_match: str | Unset = UNSET,
) -> Response[GatewayRefusal | Problem | Task]:
    """Change a task

     Changes the fields that are given, and no others. A new title or description ends the approval of a
    task that is approved: with high priority it goes back to pending_approval, otherwise to pending.
    Where work on an approved task has begun or ended, and where a task was rejected, they are refused
    with 409. Requires the scope `tasks/write`.

    Args:
        task_id (UUID):
        if_match (str | Unset):
        body (TaskChanges): The body of PUT /tasks/{taskId}: the fields to change, at least one.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[GatewayRefusal | Problem | Task]
    """

    kwargs = _get_kwargs(
        task_id=task_id,
        body=body,
        if_match=if_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    task_id: UUID,
    *,
    client: AuthenticatedClient,
    body: TaskChanges,
    if_match: str | Unset = UNSET,
) -> GatewayRefusal | Problem | Task | None:
    """Change a task

     Changes the fields that are given, and no others. A new title or description ends the approval of a
    task that is approved: with high priority it goes back to pending_approval, otherwise to pending.
    Where work on an approved task has begun or ended, and where a task was rejected, they are refused
    with 409. Requires the scope `tasks/write`.

    Args:
        task_id (UUID):
        if_match (str | Unset):
        body (TaskChanges): The body of PUT /tasks/{taskId}: the fields to change, at least one.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        GatewayRefusal | Problem | Task
    """

    return sync_detailed(
        task_id=task_id,
        client=client,
        body=body,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    task_id: UUID,
    *,
    client: AuthenticatedClient,
    body: TaskChanges,
    if_match: str | Unset = UNSET,
) -> Response[GatewayRefusal | Problem | Task]:
    """Change a task

     Changes the fields that are given, and no others. A new title or description ends the approval of a
    task that is approved: with high priority it goes back to pending_approval, otherwise to pending.
    Where work on an approved task has begun or ended, and where a task was rejected, they are refused
    with 409. Requires the scope `tasks/write`.

    Args:
        task_id (UUID):
        if_match (str | Unset):
        body (TaskChanges): The body of PUT /tasks/{taskId}: the fields to change, at least one.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[GatewayRefusal | Problem | Task]
    """

    kwargs = _get_kwargs(
        task_id=task_id,
        body=body,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    task_id: UUID,
    *,
    client: AuthenticatedClient,
    body: TaskChanges,
    if_match: str | Unset = UNSET,
) -> GatewayRefusal | Problem | Task | None:
    """Change a task

     Changes the fields that are given, and no others. A new title or description ends the approval of a
    task that is approved: with high priority it goes back to pending_approval, otherwise to pending.
    Where work on an approved task has begun or ended, and where a task was rejected, they are refused
    with 409. Requires the scope `tasks/write`.

    Args:
        task_id (UUID):
        if_match (str | Unset):
        body (TaskChanges): The body of PUT /tasks/{taskId}: the fields to change, at least one.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        GatewayRefusal | Problem | Task
    """

    return (
        await asyncio_detailed(
            task_id=task_id,
            client=client,
            body=body,
            if_match=if_match,
        )
    ).parsed
