"""Short sentences in languages that are neither English nor Chinese: what strays into a crawled corpus."""

from typing import Final

SENTENCES: Final = (
    # German
    "Ich habe gestern ein neues Buch gekauft.", "Der Zug fährt um halb acht ab.", "Das Wetter ist heute sehr schön.",
    "Wir müssen noch die Rechnung bezahlen.", "Alle Angaben ohne Gewähr.", "Wo ist der nächste Bahnhof?",
    # French
    "Je ne sais pas où il habite.", "Nous avons mangé au restaurant hier soir.", "Cette voiture est trop chère.",
    "Veuillez remplir ce formulaire.", "Quelle heure est-il maintenant ?", "Tous droits réservés à l'auteur.",
    # Spanish
    "Mi hermana trabaja en un banco.", "¿Dónde está la biblioteca?", "El tren sale a las ocho de la mañana.",
    "No me gusta el café sin leche.", "Haga clic aquí para continuar.", "Mañana iremos a la playa.",
    # Italian
    "Il museo apre alle nove del mattino.", "Vorrei un bicchiere d'acqua, per favore.",
    "Dove hai comprato questo cappotto?",
    # Portuguese
    "O meu irmão mora em Lisboa há três anos.", "Não sei quando eles vão chegar.", "A loja fecha às seis da tarde.",
    # Dutch
    "Mijn fiets is gisteren gestolen.", "Zij drinkt elke ochtend een kopje thee.",
    # Polish
    "Nie wiem, gdzie jest dworzec.", "Moja siostra kupiła wczoraj nową książkę.",
    # Russian
    "Вчера мой брат купил новую машину.", "Где находится ближайшая аптека?", "Она каждый день пьёт зелёный чай.",
    "Все права защищены.", "Поезд отправляется в семь часов вечера.",
    # Japanese
    "これは私の本です。", "駅はどこにありますか。", "昨日、友達と映画を見ました。", "このページは存在しません。",
    "毎朝コーヒーを飲みます。",
    # Korean
    "저는 어제 새 책을 샀습니다.", "기차는 몇 시에 출발합니까?", "오늘은 날씨가 아주 좋습니다.",
    "이 페이지를 찾을 수 없습니다.",
    # Greek, Arabic, Thai
    "Πού είναι η βιβλιοθήκη;", "Το τρένο φεύγει στις οκτώ.", "أين محطة القطار؟", "اشتريت كتابا جديدا أمس.",
    "วันนี้อากาศดีมาก", "สถานีรถไฟอยู่ที่ไหน",
)  # fmt: skip
