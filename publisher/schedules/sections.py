"""What may stand in the files: the keys of each section, and the type of each value."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from channels.mail import Security
from content.values import ClockTime, Email, Emails, Host, Secret, Size, Url
from publisher.cadence import IfHoliday, Then
from publisher.picking import Pick
from publisher.schedules.cron import CRON_SCHEMA
from publisher.schedules.fields import (
    At,
    Content,
    Date,
    Day,
    Excepted,
    Length,
    Many,
    QuietHours,
    Some,
    Step,
    Text,
)
from publisher.schedules.model import Approval, Topic

#: Sections: mappings whose entries may stand in several files.
CAMPAIGNS, AGENCIES, CHANNELS, GROUPS, DEFAULTS = "campaigns", "agencies", "channels", "groups", "defaults"
SECTIONS = (CAMPAIGNS, AGENCIES, CHANNELS, GROUPS, DEFAULTS)
TIMEZONE, HOLIDAYS, ALLOW_HOSTS, INCLUDE = "timezone", "holidays", "allow_hosts", "include"
MAIL, ALERTS = "mail", "alerts"
TOP_KEYS = (TIMEZONE, HOLIDAYS, INCLUDE, *SECTIONS, ALLOW_HOSTS, MAIL, ALERTS)

#: A feed without `limit` sends at most so many items a slot: a site's whole archive must not go out at once.
FEED_LIMIT = 10


class Section(BaseModel):
    """A mapping of the files; keys that it does not know are mistakes.

    What stands below a key is the hint that editors show for it, in English and Vietnamese.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class LateSection(Section):
    """`late`."""

    grace: Length | None = None
    """How late a delivery may still go out, e.g. `30m` (the default). —
    Thời gian trễ cho phép: trễ không quá mức này thì vẫn đăng, ví dụ `30m` (mặc định).
    """
    then: Then | None = None
    """What happens when it is later: `skip` (missed, the default), `send` (the newest only) or `ask` (a person
    decides). —
    Khi trễ hơn: `skip` coi như đã lỡ (mặc định), `send` chỉ đăng lượt mới nhất, `ask` chờ người quyết định.
    """


class DefaultsSection(Section):
    """`defaults`: for every schedule that does not say otherwise."""

    late: LateSection | None = None
    """After an outage: `grace`, how late is not too late, and `then`, what happens later; e.g. `{grace: 2h,
    then: ask}`. —
    Khi bị trễ sau sự cố: `grace` là mức trễ vẫn được đăng, `then` là cách xử lý khi trễ hơn; ví dụ `{grace: 2h,
    then: ask}`.
    """
    quiet: Some[QuietHours] | None = None
    """Hours in which nothing is heard or seen, urgent messages excepted; it waits for their end. E.g.
    `["21:00-05:00"]`; `[]`: none. —
    Giờ yên tĩnh: không đăng, không phát (trừ tin khẩn cấp); lượt nào rơi vào thì chờ hết giờ. Ví dụ
    `["21:00-05:00"]`; `[]`: không có.
    """


class AgencySection(Section):
    """An entry of `agencies`."""

    name: Text
    """The full name, e.g. `Báo Đắk Nông`. — Tên đầy đủ của cơ quan, đơn vị, ví dụ `Báo Đắk Nông`."""
    parent: str | None = None
    """The agency above it, by its name in this list: figures count for both. E.g. `so-tttt`. —
    Cơ quan cấp trên, ghi theo tên trong danh sách này: số liệu được tính cho cả hai. Ví dụ `so-tttt`.
    """
    contact: Emails = ()
    """Who gets the link of its inbox, and word of each new post, by e-mail, e.g. `bao@so.example.gov.vn`. —
    Ai nhận liên kết của hộp nội dung và tin báo mỗi khi có bài mới, ví dụ `bao@so.example.gov.vn`.
    """


class CampaignSection(Section):
    """An entry of `campaigns`, without its schedules."""

    title: Text
    """What the campaign is called, e.g. `Sóng và máy tính cho em`. —
    Tên gọi đầy đủ của chiến dịch, chuyên mục, ví dụ `Sóng và máy tính cho em`.
    """
    document: Text | None = None
    """The decision that it carries out, e.g. `56/KH-UBND`; scripts and inboxes quote it. —
    Văn bản mà chiến dịch thực hiện, ví dụ `56/KH-UBND`; được nêu trong kịch bản và hộp nội dung.
    """
    first: Date | None = Field(default=None, alias="from")
    """The first day, e.g. `2022-02-14`; it counts. — Ngày đầu, tính cả ngày đó, ví dụ `2022-02-14`."""
    last: Date | None = Field(default=None, alias="until")
    """The last day, e.g. `2022-05-31`; it counts, and nothing is heard or seen after it. —
    Ngày cuối, tính cả ngày đó, ví dụ `2022-05-31`; sau đó không đăng, không phát gì nữa.
    """
    approval: Approval = Approval.NONE
    """Whether a person approves first: `none` (the default), `once-per-text` (each text once, and again when it
    changes) or `every-post` (each delivery). —
    Phê duyệt: `none` không cần duyệt (mặc định), `once-per-text` duyệt mỗi văn bản một lần, sửa thì duyệt lại,
    `every-post` duyệt từng lượt đăng.
    """
    facts: dict[str, Any] = Field(default_factory=dict)
    """Values that messages quote by name, changed in one place, e.g. `hotline: "0261 3543 543"` for `{{ hotline
    }}`. —
    Dữ kiện để các nội dung dẫn lại, chỉ sửa ở một chỗ, ví dụ `hotline: "0261 3543 543"` cho `{{ hotline }}`.
    """


class ScheduleSection(Section):
    """An entry of `schedules`, or a row of a table."""

    content: Content | None = None
    """What goes out: a message, e.g. `tri-an.md`, or a folder whose messages take turns, e.g. `loa/`; below the
    campaign's folder. —
    Đăng gì: một nội dung, ví dụ `tri-an.md`, hoặc một thư mục mà các nội dung trong đó lần lượt được đăng, ví dụ
    `loa/`; tính từ thư mục của chiến dịch.
    """
    feed: Url | None = None
    """Instead of `content`: news of another site, each item once. E.g. `https://bo.example.gov.vn/rss.xml`. —
    Thay cho `content`: nguồn tin của trang khác, mỗi tin đăng một lần. Ví dụ `https://bo.example.gov.vn/rss.xml`.
    """
    match: Many[Text] = ()
    """With `feed`: only items with one of these words in title or summary, e.g. `["Sóng và máy tính"]`. —
    Với `feed`: chỉ lấy tin có một trong các cụm từ này ở tiêu đề hoặc tóm tắt, ví dụ `["Sóng và máy tính"]`.
    """
    limit: int = Field(default=FEED_LIMIT, strict=True, ge=1, le=1000)
    """With `feed`: at most so many items each time, e.g. `2` (else 10). —
    Với `feed`: mỗi lần đăng nhiều nhất bao nhiêu tin, ví dụ `2` (không ghi là 10).
    """
    pick: Pick = Pick.NEXT
    """Whose turn it is in a folder: `next` (by file name, the default), `random`, `latest` (by `date`) or
    `all`. —
    Lượt của nội dung nào trong thư mục: `next` lần lượt theo tên tệp (mặc định), `random` ngẫu nhiên, `latest` mới
    nhất theo `date`, `all` tất cả cùng lúc.
    """
    days: Many[Day] = ()
    """On which days: `weekdays`, `weekend`, `[mon, thu]`, `14`, `last`, `2nd tue` or `2022-03-08`; every day if
    nothing is written. —
    Vào những ngày nào: `weekdays` (ngày làm việc), `weekend`, `[mon, thu]`, `14`, `last` (ngày cuối tháng), `2nd
    tue` hoặc `2022-03-08`; không ghi là mọi ngày.
    """
    every: Step | None = None
    """Only every so many days, weeks or months, counted from `from`: e.g. `3 days`, `2 weeks`, `1 month`. —
    Chỉ lấy ngày, tuần hoặc tháng thứ N, tính từ `from`: ví dụ `3 days`, `2 weeks`, `1 month`.
    """
    excepted: Many[Excepted] = Field(default=(), alias="except")
    """Days on which nothing goes out: `holidays`, `2022-04-15`, or from one date to another:
    `2022-04-30..2022-05-03`. —
    Những ngày không đăng: `holidays` (ngày nghỉ lễ), `2022-04-15`, hoặc từ ngày đến ngày: `2022-04-30..2022-05-03`.
    """
    if_holiday: IfHoliday = IfHoliday.SEND
    """On a public holiday: `send` (the default), `before` or `after` (the nearest working day), or `skip`. —
    Nếu trùng ngày nghỉ lễ: `send` vẫn đăng (mặc định), `before` hoặc `after` chuyển sang ngày làm việc gần nhất
    trước hoặc sau, `skip` bỏ qua.
    """
    at: Many[At] = ()
    """When it goes out: a time or several, e.g. `08:00`, `[06:30, 16:30]`; `sessions` for loudspeakers: at each
    one's own hours. —
    Khi nào đăng: một hoặc nhiều giờ, ví dụ `08:00`, `[06:30, 16:30]`; với loa truyền thanh ghi `sessions`: theo
    buổi phát của từng loa.
    """
    cron: Annotated[Text, WithJsonSchema(CRON_SCHEMA)] | None = None
    """Instead of `days`, `every` and `at`: minute, hour, day, month and weekday, e.g. `"30 6 1 * *"`. —
    Thay cho `days`, `every` và `at`: phút, giờ, ngày, tháng, thứ như trong crontab, ví dụ `"30 6 1 * *"`.
    """
    first: Date | None = Field(default=None, alias="from")
    """The first day, e.g. `2022-02-14`; it counts. — Ngày đầu, tính cả ngày đó, ví dụ `2022-02-14`."""
    last: Date | None = Field(default=None, alias="until")
    """The last day, e.g. `2022-05-31`; it counts, and nothing is heard or seen after it. —
    Ngày cuối, tính cả ngày đó, ví dụ `2022-05-31`; sau đó không đăng, không phát gì nữa.
    """
    to: Many[Text] = ()  # `rules` demands it: what else is wrong with a schedule without it is to be found too
    """Where it goes: channels and groups, in this order; e.g. `cong-so`, `[so, bao-chi]`. —
    Đăng ở đâu: các kênh và nhóm kênh, theo đúng thứ tự đã ghi; ví dụ `cong-so`, `[so, bao-chi]`.
    """
    spread: Length = timedelta(0)
    """The channels one after another, over this length of time, e.g. `10m`. —
    Các kênh đăng lần lượt, giãn ra trong khoảng thời gian này, ví dụ `10m`.
    """
    rest: Length | None = None
    """For so long no message of the folder goes out again, e.g. `5 days`. —
    Trong khoảng thời gian này không đăng lại cùng một nội dung của thư mục, ví dụ `5 days`.
    """
    late: LateSection | None = None
    """After an outage: `grace`, how late is not too late, and `then`, what happens later; e.g. `{grace: 2h,
    then: ask}`. —
    Khi bị trễ sau sự cố: `grace` là mức trễ vẫn được đăng, `then` là cách xử lý khi trễ hơn; ví dụ `{grace: 2h,
    then: ask}`.
    """
    quiet: Some[QuietHours] | None = None
    """Hours in which nothing is heard or seen, urgent messages excepted; it waits for their end. E.g.
    `["21:00-05:00"]`; `[]`: none. —
    Giờ yên tĩnh: không đăng, không phát (trừ tin khẩn cấp); lượt nào rơi vào thì chờ hết giờ. Ví dụ
    `["21:00-05:00"]`; `[]`: không có.
    """


class MailSection(Section):
    """`mail`."""

    host: Host
    """The mail server, e.g. `mail.so.example.gov.vn`. — Máy chủ thư, ví dụ `mail.so.example.gov.vn`."""
    port: int | None = Field(default=None, strict=True, ge=1, le=65535)
    """Its port; by `security` 587, 465 or 25 if nothing is written. —
    Cổng của máy chủ; không ghi thì theo `security`: 587, 465 hoặc 25.
    """
    security: Security = Security.STARTTLS
    """How the way there is protected: `starttls` (the default), `tls`, or `none` for a relay on the same
    machine. —
    Cách bảo vệ đường truyền: `starttls` (mặc định), `tls`, hoặc `none` khi máy chủ thư ở cùng máy.
    """
    username: Text | None = None
    """Who signs in, together with `password`; e.g. `publisher`. —
    Tên đăng nhập, đi cùng `password`; ví dụ `publisher`.
    """
    password: Secret | None = None
    """Where the password stands, never itself: e.g. `${MAIL_PASSWORD}`. —
    Tên biến chứa mật khẩu, không ghi trực tiếp mật khẩu: ví dụ `${MAIL_PASSWORD}`.
    """
    sender: Email = Field(alias="from")
    """The address that mail comes from, e.g. `publisher@so.example.gov.vn`. —
    Địa chỉ gửi thư, ví dụ `publisher@so.example.gov.vn`.
    """


class ReceiverSection(Section):
    """An entry of `to` in `alerts`."""

    email: Many[Email] | None = None
    """The e-mail address of the receiver, or several, e.g. `phong.tt@so.example.gov.vn`; or `apprise` instead.
    —
    Địa chỉ thư điện tử của người nhận cảnh báo, một hoặc nhiều, ví dụ `phong.tt@so.example.gov.vn`; hoặc dùng
    `apprise`.
    """
    apprise: Secret | None = None
    """Instead of `email`: where the address of a service of Apprise stands (it holds keys), e.g. `${ZALO_URL}`.
    —
    Thay cho `email`: tên biến chứa địa chỉ dịch vụ của Apprise (trong đó có khóa), ví dụ `${ZALO_URL}`.
    """
    about: Many[Topic] = tuple(Topic)
    """Only these alerts, e.g. `[failed, missed]`; all if nothing is written. —
    Chỉ những loại cảnh báo này, ví dụ `[failed, missed]`; không ghi là tất cả.
    """
    campaigns: Many[Text] | None = None
    """Only what concerns these campaigns, e.g. `[song-va-may-tinh]`. —
    Chỉ những gì thuộc các chiến dịch này, ví dụ `[song-va-may-tinh]`.
    """
    agencies: Many[Text] | None = None
    """Only what concerns these agencies and those below them, e.g. `[so-tttt]`. —
    Chỉ những gì thuộc các cơ quan này và đơn vị trực thuộc, ví dụ `[so-tttt]`.
    """


class AlertsSection(Section):
    """`alerts`, without those who are told."""

    lang: Literal["vi", "en"] = "vi"
    """The language of the alerts: `vi` (the default) or `en`. — Ngôn ngữ của cảnh báo: `vi` (mặc định) hoặc `en`."""
    approval_before: Length = timedelta(hours=24)
    """So long before a delivery is due, approvers are told that a text waits for them, e.g. `24h`. —
    Trước thời điểm gửi bao lâu thì báo cho người duyệt biết có văn bản đang chờ, ví dụ `24h`.
    """
    oldest_due: Length = timedelta(minutes=15)
    """A delivery that is due and waits longer than this is an alert, e.g. `15m`. —
    Lượt đăng đã đến giờ mà chờ lâu hơn mức này thì cảnh báo, ví dụ `15m`.
    """
    in_doubt: Length = timedelta(minutes=15)
    """A doubt that stands longer than this is an alert, e.g. `15m`. —
    Chưa rõ đã đăng hay chưa lâu hơn mức này thì cảnh báo, ví dụ `15m`.
    """
    disk_free: Size = 500_000_000
    """Less room than this on the disk is an alert, e.g. `500MB`. —
    Đĩa còn trống ít hơn mức này thì cảnh báo, ví dụ `500MB`.
    """
    remind: Length = timedelta(hours=24)
    """An alert that still stands is repeated after this time, e.g. `24h`. —
    Cảnh báo chưa được giải quyết thì nhắc lại sau khoảng thời gian này, ví dụ `24h`.
    """
    digest: ClockTime | None = None
    """When the day's summary goes out, e.g. `07:30`; none if nothing is written. —
    Giờ gửi bản tóm tắt trong ngày, ví dụ `07:30`; không ghi là không gửi.
    """
    ping: Secret | None = None
    """Where the address of a watchman stands that expects a sign of life, e.g. `${PING_URL}`. —
    Tên biến chứa địa chỉ của dịch vụ theo dõi, nơi chờ tín hiệu hoạt động, ví dụ `${PING_URL}`.
    """
