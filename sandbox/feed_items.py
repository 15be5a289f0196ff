"""The news that the stand-in feed `bo.xml` carries from the start: three about the programme, one not.

Examples for trying out, not news: only the launch on 12/9/2021 and the pledges are facts.
"""

from typing import Any

_SITE = "https://bo.example.gov.vn/tin-tuc"

MINISTRY_NEWS: list[dict[str, Any]] = [
    {
        "id": "bo-2022-0041",
        "title": "Chương trình “Sóng và máy tính cho em”: hơn 1 triệu máy tính được cam kết ủng hộ",
        "link": f"{_SITE}/hon-mot-trieu-may-tinh-duoc-cam-ket-ung-ho",
        "summary": "Sau lễ phát động tối 12/9/2021, các bộ, ngành, địa phương và doanh nghiệp đã cam kết ủng hộ "
        "hơn 1 triệu máy tính cho học sinh có hoàn cảnh khó khăn học trực tuyến.",
        "published": "2022-02-14T08:00:00+07:00",
    },
    {
        "id": "bo-2022-0044",
        "title": "Đẩy nhanh phủ sóng các thôn, bản chưa có Internet để học sinh học trực tuyến",
        "link": f"{_SITE}/day-nhanh-phu-song-cac-thon-ban",
        "summary": "Trong khuôn khổ chương trình “Sóng và máy tính cho em”, các nhà mạng tiếp tục phủ sóng di động "
        "và hỗ trợ cước truy cập cho học sinh, sinh viên.",
        "published": "2022-02-16T10:30:00+07:00",
    },
    {
        "id": "bo-2022-0047",
        "title": "Hướng dẫn tiếp nhận, phân bổ máy tính của chương trình “Sóng và máy tính cho em”",
        "link": f"{_SITE}/huong-dan-tiep-nhan-phan-bo-may-tinh",
        "summary": "Việc tiếp nhận và phân bổ bảo đảm công khai, minh bạch, đúng đối tượng; ưu tiên học sinh thuộc "
        "hộ nghèo, hộ cận nghèo và học sinh mồ côi do dịch COVID-19.",
        "published": "2022-02-18T14:00:00+07:00",
    },
    {
        "id": "bo-2022-0049",
        "title": "Khai mạc hội nghị trực tuyến về cải cách hành chính năm 2022",
        "link": f"{_SITE}/hoi-nghi-cai-cach-hanh-chinh-2022",
        "summary": "Hội nghị đánh giá kết quả năm 2021 và bàn nhiệm vụ trọng tâm về cải cách hành chính năm 2022.",
        "published": "2022-02-21T09:00:00+07:00",
    },
]
