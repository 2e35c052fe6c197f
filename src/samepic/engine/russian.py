"""What samepic says in Russian."""

# ruff: noqa: RUF001 -- Russian is written in Cyrillic letters

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from samepic.engine.advice import Advice
from samepic.engine.reasons import Code
from samepic.engine.wording import Wording
from samepic.model import Verdict

MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip


def instant(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year} г., {at:%H:%M} UTC"


RUSSIAN: Mapping[Code, str] = {
    Code.AS_LEFT: "Показывает фотографию из {source}, без изменений с {at}.",
    Code.ALIKE: "Показывает ту же фотографию, что и {source}.",
    Code.SAME_PICTURE_NEW_BYTES: "{source} пересохранил ту же фотографию; записывать нечего.",
    Code.FIRST_PICTURE: "Фотографии пока нет; в {source} она есть.",
    Code.SOURCE_CHANGED: "Фотография в {source} изменилась после того, как здесь появилась эта.",
    Code.SHOWS_EARLIER: "Показывает прежнюю фотографию из {source}.",
    Code.RESTORED: "Показывает другую фотографию; по правилу этого маршрута верна та, что в {source}.",
    Code.ADOPTED_BACK: "Здесь выбрали другую фотографию; по правилу этого маршрута она переносится в {source}.",
    Code.CHOSEN: "Выбрано в samepic, кем: {by}.",
    Code.INTERRUPTED: "Запись была начата и не подтверждена; она будет повторена.",
    Code.SOURCE_EMPTIED: "В {source} фотографии больше нет; по правилу этого маршрута она удаляется и здесь.",
    Code.WAITS_FOR_TRIGGER: "{because} Обновится: {when}.",
    Code.ASKED: "Запрошено {at}; проверьте снова {until}.",
    Code.SETTLING: "Записано {at}; до {until} система может показывать старую фотографию.",
    Code.STALE_REPLICA: "Пока показывает прежнюю нашу фотографию; оценим после {until}.",
    Code.ONLY_WATCHED: "{because} Этот маршрут только наблюдает.",
    Code.DIFFERS: "Показывает не ту фотографию, что в {source}.",
    Code.DIFFERS_SINCE: "Кто-то изменил здесь фотографию после {at}.",
    Code.REMOVED_AT_TARGET: "Фотографию здесь удалили после {at}.",
    Code.RESPECTED: "Показывает собственную фотографию; по правилу этого маршрута она остаётся.",
    Code.SOURCE_TAKES_NONE: "Здесь выбрали другую фотографию, но записать её в {source} нельзя.",
    Code.PINNED: "Отменено {at}: эта фотография не вернётся, пока в {source} не появится другая"
    " или пока запрет не снимут.",
    Code.PINNED_REMOVAL: "Отменено {at}: фотография остаётся, пока в источнике не появится другая"
    " или пока запрет не снимут.",
    Code.PINNED_BACK: "Отменено {at}: фотография отсюда больше не переносится в {source}.",
    Code.SOURCE_HAS_NONE: "В {source} нет фотографии, которую можно было бы перенести сюда.",
    Code.SOURCE_KEPT: "В {source} фотографии больше нет; по правилу этого маршрута здесь она остаётся.",
    Code.OPTED_OUT: "Владелец отказался {at}: фотография сюда не переносится.",
    Code.OPTED_OUT_UNTIL: "Владелец отказался до {until}: до этого времени фотография сюда не переносится.",
    Code.CONSENT_MISSING: "Ожидается согласие владельца: без него фотография сюда не переносится.",
    Code.CONSENT_ENDED: "Согласие владельца истекло {ended}: без нового фотография сюда не переносится.",
    Code.REMOVAL_UNSAFE: "В {source} фотографии больше нет, но здесь не та, что мы оставили.",
    Code.NO_SOURCE_ACCOUNT: "В {source} нет учётной записи, поэтому переносить нечего.",
    Code.SOURCE_UNREADABLE: "Не удалось прочитать {source}: {detail}",
    Code.SOURCE_UNFIT: "Фотографию из {source} использовать нельзя: {detail}",
    Code.SOURCE_PLACEHOLDER: "{source} показывает не фотографию, а заглушку: силуэт, инициалы или один цвет.",
    Code.ABSENT_ONCE: "При первом взгляде фотографии в {source} нет; решит второй.",
    Code.TARGET_UNREADABLE: "Не удалось прочитать: {detail}",
    Code.UNKNOWN_STORE: "Что-то здесь есть, но из какого хранилища, определить нельзя.",
    Code.NO_ACCOUNT: "Здесь нет учётной записи.",
    Code.AMBIGUOUS: "Неясно, кому принадлежит эта учётная запись: {detail}",
    Code.NO_ROUTE: "Ни один маршрут не говорит, откуда берутся фотографии.",
    Code.NO_ACCOUNT_AT_SOURCE: "{name}: нет учётной записи в {source}, откуда берутся фотографии.",
    Code.SOURCE_READ_ONLY: "Фотографии берутся из {source}, куда samepic не пишет.",
    Code.SOURCE_OUTRANKED: "{source} важнее, чем {target}, и там есть фотография.",
    Code.LOCKED: "Фотография в {source} закреплена: решает каталог, по правилу «{rule}».",
    Code.NOT_REMOVABLE: "{source} не даёт samepic удалить фотографию.",
    Code.IS_SOURCE: "Эта фотография и считается верной.",
    Code.HAS_NONE: "Фотографии здесь нет.",
    Code.NOT_ROUTED: "Своя фотография; ни один маршрут её отсюда не берёт.",
}

STEPS = """\
  1. Откройте приватное окно браузера (InPrivate, инкогнито).
  2. Перейдите на {start}
  3. Войдите с рабочей или учебной учётной записью.
  4. Нажмите плитку OneDrive или SharePoint либо перейдите на {link}
     и дождитесь, пока страница откроется."""

LETTER = f"""\
Здравствуйте, {{name}}!

SharePoint и OneDrive пока не показывают вашу нынешнюю фотографию. Они берут её из почтового ящика, но только
тогда, когда вы заходите туда сами. Это займёт минуту:

{STEPS}

Обычно новая фотография появляется вскоре после этого, самое позднее {{until}}; у других людей старая
может держаться чуть дольше, пока её не обновит их браузер. Если она не появится, обратитесь сюда: {{helpdesk}}.
"""

INVITATION = """\
Здравствуйте, {name}!

У вас пока нет фотографии в профиле, поэтому коллеги видят только инициалы. Добавить её можно за минуту:

  {link}

Оттуда она попадёт и в другие системы. Если фотография вам не нужна, ничего делать не надо; там же можно
отказаться, и мы больше не будем спрашивать. Вопросы? Обратитесь сюда: {helpdesk}.
"""

ARRIVED = """\
Здравствуйте, {name}!

Ваша новая фотография уже на месте: {systems}.

У других людей старая может держаться чуть дольше, пока её не обновит их браузер или приложение. Если с ней
что-то не так, обратитесь сюда: {helpdesk}.
"""

WORDING = Wording(
    sentences=RUSSIAN,
    verdicts={
        Verdict.SAME: "совпадает",
        Verdict.OLDER: "устарела",
        Verdict.DIFFERENT: "другая",
        Verdict.NONE: "нет",
        Verdict.WAITING: "ожидание",
        Verdict.HELD: "приостановлено",
        Verdict.NO_ACCOUNT: "нет учётной записи",
        Verdict.NEVER_VISITED: "ещё не заходили",
        Verdict.UNKNOWN_STORE: "неизвестное хранилище",
        Verdict.CANNOT_READ: "не читается",
    },
    triggers={
        "visit": "когда человек зайдёт сам",
        "schedule": "по расписанию",
        "change": "при изменении в источнике",
        "manual": "по команде администратора",
        "nothing": "никогда",
    },
    instant=instant,
    helpdesk="служба поддержки",
    subject="Ваша фотография в профиле",
    letter=LETTER,
    invitation_subject="Фотография в вашем профиле",
    invitation=INVITATION,
    arrived_subject="Ваша фотография на месте",
    arrived=ARRIVED,
    advice={
        Advice.NOTHING: "Ничего: все системы показывают то, что должны.",
        Advice.VISIT: "SharePoint и OneDrive берут фотографию из почтового ящика, но только когда человек заходит сам:"
        "\n\n" + STEPS,
        Advice.WAIT: "Подождать: фотография уже в пути.",
        Advice.ADD: "Добавить фотографию: войдите на {start}, нажмите круглый значок справа вверху, затем камеру на нём"
        "\nи выберите портрет (JPEG или PNG, не больше 4 МБ). Затем проверьте снова.",
        Advice.CONSENT: "Дать согласие на своей странице в samepic; до этого фотография сюда не переносится.",
        Advice.DECIDE: "Нужен администратор: `samepic explain {person}` назовёт правило, `samepic doctor` покажет,"
        "\nчто не читается, `samepic release {person}` разрешит снова записать то, что было отменено.",
    },
    heading="Фотография профиля: {name}\nПо состоянию на {now}",
    what_to_do="Что делать",
    again="Проверьте снова: {until}. Если к этому времени ничего не изменится, обратитесь сюда: {helpdesk}.",
)
