"""长期公示: the lists of a month as copies; the next takes the place of the last. Photos of the board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from common import clock
from common.errors import Refused
from common.identity import age_on
from common.masking import mask_name
from common.uploads import clean_upload
from organisations.enums import AreaLevel
from organisations.models import Area, User
from publicity import perms
from publicity.enums import StandingKind
from publicity.models import StandingLine, StandingNotice, StandingPhoto
from publicity.services.notices import ADULT, NUMBER
from publicity.standing import wording


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One household to be listed. `monthly`, or `amount` paid once, in yuan; both None for a status. The
    birth date protects minors.
    """

    kind: str
    village_name: str
    name: str
    birth_date: date | None
    n_covered: int
    monthly: Decimal | None
    amount: Decimal | None = None


@transaction.atomic
def post_standing(
    *, area: Area, rows: Iterable[StandingRow], at: datetime, actor: User | None
) -> StandingNotice:
    """Hang the list of a village or township; what hung there before comes down (SY-A1.7a, LC-4.4a).

    `actor` None is the monthly job: in a month that it has served already, nothing happens. Minors' names
    are masked (浙江省社会救助条例第五十五条), and so is whatever holds a number.
    """
    # Two who refresh at once come one after the other.
    area = Area.objects.select_for_update(no_key=True, of=("self",)).select_related("parent").get(pk=area.pk)
    if actor is not None and not (verdict := perms.can_refresh_standing(actor, area)):
        raise Refused(verdict.reason)
    today = timezone.localdate(at)
    month = clock.month_of(today)
    if actor is None:
        done = StandingNotice.objects.filter(area=area, month=month, posted_by=None).first()
        if done is not None:
            return done
    township = area if area.level == AreaLevel.TOWNSHIP else area.parent
    said = wording(township, today)
    StandingNotice.objects.on_view().filter(area=area).update(withdrawn_at=at)
    lines = [_line(row, today) for row in rows]
    notice = StandingNotice.objects.create(
        area=area,
        county_id=township.parent_id,
        township=township,
        village=area if area.level == AreaLevel.VILLAGE else None,
        month=month,
        policy=said.policy,
        procedure=said.procedure,
        hotlines=said.hotlines,
        n_lines=len(lines),
        posted_by=actor,
        posted_at=at,
    )
    for line in lines:
        line.notice = notice
    StandingLine.objects.bulk_create(lines, batch_size=1000)
    return notice


def _line(row: StandingRow, today: date) -> StandingLine:
    is_minor = row.birth_date is not None and age_on(row.birth_date, today) < ADULT
    masked = is_minor or NUMBER.search(row.name)
    return StandingLine(
        kind=StandingKind(row.kind),
        village_name=row.village_name,
        published_name=mask_name(row.name) if masked else row.name,
        n_covered=row.n_covered,
        monthly=row.monthly,
        amount=row.amount,
    )


@transaction.atomic
def add_photo(
    *, notice: StandingNotice, taken_on: date, place: str, upload: UploadedFile, actor: User
) -> StandingPhoto:
    """Keep a photo of the board with its day and place, for the district to see (SY-A1.7a)."""
    if not (verdict := perms.can_photograph(actor, notice)):
        raise Refused(verdict.reason)
    if taken_on > clock.today():
        raise Refused("拍摄日期不能晚于今天。", field="taken_on")
    if taken_on < timezone.localdate(notice.posted_at):
        raise Refused("拍摄日期不能早于这份公示的发布日期。", field="taken_on")
    place = place.strip()
    if not place:
        raise Refused("请填写公示地点。", field="place")
    clean = clean_upload(upload)
    if not clean.content_type.startswith("image/"):
        raise Refused("公示照片须为 JPG 或 PNG 图片。", field="file")
    photo = StandingPhoto(
        notice=notice,
        taken_on=taken_on,
        place=place[:100],
        content_type=clean.content_type,
        sha256=clean.sha256,
        uploaded_by=actor,
        uploaded_at=clock.now(),
    )
    photo.file.save(clean.name, ContentFile(clean.content), save=False)
    photo.save()
    return photo
