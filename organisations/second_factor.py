"""The second factor: codes of an authenticator app (TOTP, RFC 6238) and recovery codes kept on paper.

The services of the enrolment and verification pages; django-otp keeps a used code from working again and
slows down guessing (1, 2, 4 … seconds after each wrong code).
"""

from __future__ import annotations

import math
from base64 import b32encode
from io import BytesIO

import qrcode
from django.db import transaction
from django_otp import verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathImage

from common import clock
from common.errors import Refused
from common.verdict import ALLOWED, Verdict, denied
from organisations import perms
from organisations.enums import AccountEventKind, Post
from organisations.models import User
from organisations.scope import scope_of
from organisations.services import record_event

# Those who decide, publish rules, pay, audit or give others their posts.
POSTS = (Post.APPROVER, Post.AUDITOR, Post.ADMINISTRATOR, Post.RULE_PUBLISHER, Post.DISTRICT_PAYMENTS)
RECOVERY_CODES = 10


def is_required_for(user: User) -> bool:
    """Does a post of the person (or the superuser flag, which opens /admin/) ask for a second factor?"""
    return user.is_superuser or scope_of(user).has(*POSTS)


def has_device(user: User) -> bool:
    """Has the person finished an enrolment?"""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def can_enrol(user: User) -> Verdict:
    """A new phone may replace the old one only after the old one (or a recovery code) was shown."""
    if not is_required_for(user):
        return denied("您的岗位登录时不需要动态口令。")
    if has_device(user) and not user.is_verified():
        return denied("您已绑定动态口令，请先验证，再更换手机。")
    return ALLOWED


def can_renew_codes(user: User) -> Verdict:
    """New recovery codes only for a session that has shown its second factor."""
    return ALLOWED if user.is_verified() else denied("请先用动态口令验证，再生成备用码。")


def pending_device(user: User) -> TOTPDevice | None:
    """The enrolment that waits for its first code."""
    return TOTPDevice.objects.filter(user=user, confirmed=False).first()


@transaction.atomic
def begin_enrolment(*, user: User) -> TOTPDevice:
    """A new secret to scan; one that was begun before and never confirmed is thrown away."""
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    return TOTPDevice.objects.create(user=user, name="动态口令", confirmed=False)


@transaction.atomic
def confirm_enrolment(*, user: User, code: str) -> tuple[TOTPDevice, list[str]]:
    """The first right code puts the new device in place of any older; with it come fresh recovery codes."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if device is None:
        raise Refused("绑定尚未开始或已经完成，请重新开始绑定。", field="code")
    if not device.verify_token(code):
        return device, []
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
    record_event(user=user, actor=user, kind=AccountEventKind.SECOND_FACTOR_ENROLLED)
    return device, _new_codes(user)


@transaction.atomic
def renew_recovery_codes(*, user: User) -> list[str]:
    """Ten new codes; the old ones stop working. They are shown once."""
    record_event(user=user, actor=user, kind=AccountEventKind.RECOVERY_CODES)
    return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    device, _ = StaticDevice.objects.get_or_create(user=user, defaults={"name": "备用码"})
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def check_code(*, user: User, code: str) -> Device:
    """The device that accepts the code: six digits of the app, or a recovery code. Refused when none does.

    Not atomic as a whole: a wrong code must stay counted although the answer is a refusal.
    """
    model = TOTPDevice if code.isdigit() else StaticDevice
    device = model.objects.filter(user=user, confirmed=True).first()
    if device is None:
        raise Refused("没有可用的备用码，请输入手机上的 6 位动态口令。", field="code")
    if verified := verify_token(user, device.persistent_id, code):
        return verified
    device.refresh_from_db()
    raise Refused(wrong_code(device), field="code")


def wrong_code(device: Device) -> str:
    """Why a code was not accepted and what to do now."""
    _, why = device.verify_is_allowed()
    wait = math.ceil((why["locked_until"] - clock.now()).total_seconds()) if why else 0
    pause = f"请等待 {wait} 秒，" if wait > 0 else "请"
    return f"口令不正确，或者已经用过一次。{pause}用手机上新显示的口令再试；一直不对时请核对手机时间。"


@transaction.atomic
def reset_second_factor(*, user: User, actor: User | None) -> None:
    """Take away a lost phone and its recovery codes; the person enrols anew at the next log-in."""
    if not (verdict := perms.can_manage_account(actor, user)):
        raise Refused(verdict.reason)
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    record_event(user=user, actor=actor, kind=AccountEventKind.SECOND_FACTOR_RESET)


def secret_text(device: TOTPDevice) -> str:
    """The secret in base32, for typing where the camera does not work."""
    return b32encode(device.bin_key).decode().rstrip("=")


def qr_svg(device: TOTPDevice) -> bytes:
    """The secret as a picture for the authenticator app."""
    picture = qrcode.make(device.config_url, image_factory=SvgPathImage, box_size=12, border=2)
    buffer = BytesIO()
    picture.save(buffer)
    return buffer.getvalue()
