"""Lines in languages that the corpus does not promise, for testing only: none of them stands in the package.

Each language has short lines and ones whose words are mostly names or loans, which is what makes them hard.
"""

from typing import Final

EUROPEAN: Final = {
    "de": (
        "Morgen kommt meine Tante zu Besuch.", "Bitte nicht auf den Rasen treten.", "Der Antrag wurde abgelehnt.",
        "Hast du den Schlüssel gefunden?", "Kostenloser Versand ab fünfzig Euro.", "Er lacht selten.",
        "Jetzt anmelden und Vorteile sichern", "Das Fenster steht offen.", "Impressum und Datenschutz",
        "Zwei Hunde spielen im Schnee.", "Ihre Sitzung ist abgelaufen.", "Unsere Nachbarn ziehen bald um.",
    ),
    "fr": (
        "Il pleut depuis trois jours.", "Ma grand-mère prépare toujours des crêpes.", "Ajouter au panier",
        "Le train pour Lyon part du quai numéro deux.", "Tu as oublié ton parapluie.", "Mentions légales",
        "Les enfants jouent dans le jardin.", "Votre commande a bien été expédiée.", "Elle chante faux.",
        "Cliquez ici pour télécharger le fichier.", "Personne ne répond au téléphone.", "Bonne chance à tous !",
    ),
    "es": (
        "Mi abuelo tenía un caballo blanco.", "La reunión empieza a las nueve.", "Añadir al carrito",
        "Los niños juegan en el parque.", "Aviso legal y privacidad", "Nunca he visto nieve.",
        "Su pedido ha sido enviado.", "Ella trabaja desde casa los viernes.", "Todavía queda mucho por hacer.",
        "Descargue la versión más reciente.", "Gracias por su visita.", "Se vende piso céntrico",
    ),
    "it": (
        "Mio fratello suona il pianoforte.", "Aggiungi al carrello", "La finestra è rimasta aperta.",
        "Il treno parte tra dieci minuti.", "Tutti i diritti riservati.", "Oggi fa molto caldo.",
        "Scarica gratis la nuova versione", "Non abbiamo ancora ricevuto risposta.", "Che ore sono?",
        "I bambini dormono già.", "Benvenuti nel nostro sito.", "Ha perso le chiavi di casa.",
    ),
    "pt": (
        "O meu avô tinha um cavalo branco.", "As crianças brincam no jardim.", "Adicionar ao carrinho",
        "Ainda não recebemos resposta.", "O comboio parte dentro de dez minutos.", "Hoje está muito calor.",
        "Política de privacidade", "Ela perdeu as chaves de casa.", "Obrigado pela sua visita.",
        "Baixe a versão mais recente.", "Quanto custa este livro?", "A reunião foi adiada.",
    ),
    "nl": (
        "Mijn opa had een wit paard.", "De kinderen spelen in de tuin.", "In winkelwagen plaatsen",
        "We hebben nog geen antwoord gekregen.", "De trein vertrekt over tien minuten.", "Hoe laat is het?",
        "Algemene voorwaarden", "Zij heeft haar sleutels verloren.", "Bedankt voor uw bezoek.",
        "Download de nieuwste versie.", "Het raam staat open.", "Vandaag is het erg warm.",
    ),
    "pl": (
        "Mój dziadek miał białego konia.", "Dzieci bawią się w ogrodzie.", "Dodaj do koszyka",
        "Nie otrzymaliśmy jeszcze odpowiedzi.", "Pociąg odjeżdża za dziesięć minut.", "Która godzina?",
        "Polityka prywatności", "Zgubiła klucze do domu.", "Dziękujemy za wizytę.",
        "Pobierz najnowszą wersję.", "Okno jest otwarte.", "Dzisiaj pada deszcz.",
    ),
    "sv": (
        "Min farfar hade en vit häst.", "Barnen leker i trädgården.", "Lägg i varukorgen",
        "Vi har ännu inte fått något svar.", "Tåget går om tio minuter.", "Vad är klockan?",
        "Hon tappade bort sina nycklar.", "Tack för besöket.", "Ladda ner den senaste versionen.",
        "Fönstret står öppet.", "Det regnar i dag.", "Alla rättigheter förbehållna.",
    ),
    "cs": (
        "Můj dědeček měl bílého koně.", "Děti si hrají na zahradě.", "Přidat do košíku",
        "Ještě jsme nedostali odpověď.", "Vlak odjíždí za deset minut.", "Kolik je hodin?",
        "Ztratila klíče od domu.", "Děkujeme za návštěvu.", "Stáhněte si nejnovější verzi.",
        "Okno je otevřené.", "Dnes prší.", "Všechna práva vyhrazena.",
    ),
    "ro": (
        "Bunicul meu avea un cal alb.", "Copiii se joacă în grădină.", "Adaugă în coș",
        "Nu am primit încă niciun răspuns.", "Trenul pleacă peste zece minute.", "Cât este ceasul?",
        "Și-a pierdut cheile de la casă.", "Vă mulțumim pentru vizită.", "Descărcați cea mai nouă versiune.",
        "Fereastra este deschisă.", "Astăzi plouă.", "Toate drepturile rezervate.",
    ),
    "tr": (
        "Dedemin beyaz bir atı vardı.", "Çocuklar bahçede oynuyor.", "Sepete ekle",
        "Henüz bir cevap almadık.", "Tren on dakika sonra kalkıyor.", "Saat kaç?",
        "Evinin anahtarlarını kaybetti.", "Ziyaretiniz için teşekkürler.", "En son sürümü indirin.",
        "Pencere açık.", "Bugün yağmur yağıyor.", "Tüm hakları saklıdır.",
    ),
    "id": (
        "Kakek saya punya kuda putih.", "Anak-anak bermain di taman.", "Tambahkan ke keranjang",
        "Kami belum menerima jawaban.", "Kereta berangkat sepuluh menit lagi.", "Jam berapa sekarang?",
        "Dia kehilangan kunci rumahnya.", "Terima kasih atas kunjungan Anda.", "Unduh versi terbaru.",
        "Jendelanya terbuka.", "Hari ini hujan.", "Hak cipta dilindungi undang-undang.",
    ),
}  # fmt: skip

ASIAN: Final = {
    "ja": (
        "祖父は白い馬を飼っていた。", "子供たちは庭で遊んでいる。", "カートに入れる", "まだ返事がありません。",
        "電車は十分後に出ます。", "今何時ですか。", "鍵をなくしました。", "最新版をダウンロードしてください。",
        "窓が開いている。", "今日は雨だ。", "東京都知事選挙の投票率", "会議室使用申込書の提出", "送料無料キャンペーン",
        "全国の天気予報", "無断転載を禁じます。", "本日休業させて頂きます。",
    ),
    "ko": (
        "할아버지는 흰 말을 키우셨다.", "아이들이 정원에서 놀고 있다.", "장바구니에 담기",
        "아직 답장을 받지 못했습니다.",
        "기차는 십 분 후에 떠납니다.", "지금 몇 시예요?", "열쇠를 잃어버렸어요.", "최신 버전을 내려받으세요.",
        "창문이 열려 있다.", "오늘은 비가 온다.", "모든 권리 보유.", "서울 날씨",
    ),
    "vi": (
        "Ông tôi có một con ngựa trắng.", "Trẻ em đang chơi trong vườn.", "Thêm vào giỏ hàng",
        "Chúng tôi vẫn chưa nhận được câu trả lời.", "Hôm nay trời mưa.", "Mấy giờ rồi?",
    ),
    "th": ("ปู่ของฉันมีม้าสีขาว", "เด็กๆ กำลังเล่นอยู่ในสวน", "วันนี้ฝนตก", "หน้าต่างเปิดอยู่"),
    "ru": (
        "У моего дедушки была белая лошадь.", "Дети играют в саду.", "Добавить в корзину", "Который час?",
        "Мы ещё не получили ответа.", "Сегодня идёт дождь.",
    ),
}  # fmt: skip
