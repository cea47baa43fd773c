"""`POST /api/v1/assess`: the dry run of the means test for scripts (interfaces.md); stores nothing."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse

from common.errors import Refused
from organisations.api import api_view, refusal
from policy.dry_run import MOST_BYTES, dry_run
from policy.json_fields import read_bytes
from policy.rules import NoRuleInForce


@api_view
def assess(request: HttpRequest) -> HttpResponse:
    """200 with the answer of `manage.py assess`; 400 names the field at fault; 422: no rule in force.

    Any area may be asked about: rules are public and the request holds no personal data.
    """
    if request.content_type != "application/json":
        return refusal(400, "Content-Type 应为 application/json。")
    try:
        body = request.body
    except RequestDataTooBig:
        return _too_big()
    if len(body) > MOST_BYTES:
        return _too_big()
    try:
        assessment = dry_run(read_bytes(body))
    except NoRuleInForce as error:
        return refusal(422, error.message, rule=error.key, area=error.area.code, on=error.on.isoformat())
    except Refused as error:
        return refusal(400, str(error), field=error.field)
    return JsonResponse(assessment.as_json(), json_dumps_params={"ensure_ascii": False})


def _too_big() -> HttpResponse:
    return refusal(413, f"请求过大，最多 {MOST_BYTES} 字节。")
