"""Words and letters by which a language gives itself away."""

from typing import Final

FUNCTION_WORDS: Final = {
    "en": "the a an of to and in is are was were be been have has had do does did not it this that these those he "
    "she they we you i my your his her our their there with for on at by from as or if when where what who "
    "how why which will would can could should may must am me him them us but so than then no yes some any "
    "more very please let",
    "de": "der die das dem den des ein eine einen einem einer und ist sind nicht ich du er sie wir ihr mich mir "
    "dich dir uns mit auf für von zu zum zur bei nach aus wie wo warum wann wer was in an vor durch um bis "
    "als so war hat man haben habe hast wird werden wurde kann können möchte möchten muss auch aber oder wenn "
    "dass sich noch nur schon sehr mein meine dein keine kein bitte diese dieser dieses im am heute morgen "
    "sein seine über unter zwei mehrere alle ohne gestern",
    "fr": "le la les des du de un une est sont et ne pas je tu il elle nous vous ils elles ce cette ces mon ma mes "
    "ton ta votre vos notre nos son sa ses leur avec dans pour sur sous chez où qui que quoi quand comment "
    "pourquoi suis êtes avez avons j'ai c'est n'est voudrais peux peut être avoir fait très aussi mais aux au "
    "d'un d'une qu'il s'il en à tous quelle quel toute hier soir ici",
    "es": "el la los las un una unos unas de del y es son está están no yo tú él ella nosotros ustedes ellos que "
    "qué con para por en se me te le lo mi su sus muy pero cuando dónde cómo cuándo quién tengo tiene quiero "
    "puede hay a al esta este eso esto como más hoy aquí mañana ayer",
    "pl": "i w z na do nie jest są to się że co jak gdzie kiedy kto dlaczego ja ty on ona my wy oni mój moja twój "
    "jego jej proszę tak ale czy dla od po przed przez już bardzo mam masz ma był była być ten ta te dzisiaj "
    "jutro wczoraj",
    "it": "il lo la gli le un una uno è e sono non io tu lui lei noi voi loro che con per di del della dei delle "
    "nel nella da dal a in dove quando come perché chi mi ti ci vi questo questa ho hai abbiamo vorrei può "
    "molto anche ma oggi alle ieri al",
    "pt": "o os a as um uma de é são e não eu você ele ela nós eles que com para por em no na nos nas do da dos das "
    "se me meu minha seu sua muito mas quando onde como quem tenho tem quero pode está isso este esta hoje ao "
    "mais sei vão há às ontem amanhã",
    "nl": "de het een en is zijn niet ik jij hij zij wij jullie mij hem haar ons met op voor van in te aan naar uit "
    "bij hoe waar waarom wanneer wie wat heb heeft hebben wordt worden kan kunnen moet ook maar als dat die "
    "deze dit mijn geen graag er gisteren ochtend elke morgen",
}
"""Frequent words that carry grammar: they speak for their language, and against every other one."""

FAMILIAR_WORDS: Final = {
    "en": "about above across add after again all also always another any anything around asked available away back "
    "because become before behind being below best better between big black blue both building call called came "
    "check children close code come create day days different don't done down during each early either empty enough "
    "even ever every everything example fast few file find first five following food found four friend full get "
    "gets girl give given go goes going good got great green group having head here high himself home hour house "
    "however into its just keep know last later learn least left less let life like line little live long look lot "
    "love made make makes many means men money more morning most mother much near need needs never new next night "
    "nothing now number off often old once one only other others out own people play possible put read really "
    "returned returns right room run said same saw say see seen set several shall show shows side since sit sitting "
    "small someone something soon specific specified standing start stop street such sure take talk tell thank "
    "their then thing things think though three through time times today together told tomorrow too took top town "
    "tree true try turn two under until up use used user using usually value wait walk want wants watch way wear "
    "wearing well went while white whole wife within without woman women word work works world write year years "
    "yellow yesterday yet young added array based built convert custom default defaults deprecated directory enable "
    "fixed function handle inside invalid longer missing names object objects otherwise previously related remove "
    "removed uses within without birthday bought brother brought child english father front gave girl holding mother "
    "parked picture standing street student teacher welcome window",
    "de": "alte andere beim dann drei einige einmal etwas frau fünf ganz gehen geht großen immer ihre jetzt junge "
    "kinder kleine leute machen mädchen mann männer menschen mit nichts oben personen sehen sitzt spielen spielt "
    "steht stehen straße trägt unser viele vier wasser weiß zeit zwischen",
    "fr": "après autre autres avant beaucoup bien chaque chose cinq comme deux dire donc encore enfant femme fille "
    "garçon gens grand grande homme hommes jamais jour maison même moins monde petit petite peu plus quatre rien "
    "sans temps toujours tous trois trop vers vie",
    "es": "agua algo antes así años bien cada casa chica cinco cosas cuatro después dos ella entre gente grande "
    "hacer hombre hombres joven mejor menos mismo mucho mujer nada niño niños nuevo nunca otra otro poco porque "
    "siempre sin sobre también tiempo todo todos tres vez vida",
    "sv": "och att det som är inte jag har för den av ett vad hon ska efter från så mig sig när där också bara",
    "da": "og det som ikke jeg har af hun skal efter fra så mig sig når der også bare hvad hvor blev",
    "no": "og det som ikke jeg har av hun skal etter fra så meg seg når der også bare hva hvor ble",
    "fi": "ja ei se että hän oli olen mutta kun niin kuin minä sinä ovat joka tämä vain myös",
    "cs": "že jsem ale jak tak jsou pro už není byl aby jako když jen kde co mi si ve má také",
    "hu": "és nem hogy ez egy van volt meg csak már mint lesz azt ki ezt nagyon mit itt ott",
    "ro": "și nu este că în sunt pe mai ce fost pentru dar din cu care acest această foarte",
    "tr": "bir ve bu için çok ne mı değil daha gibi olarak ama şey var yok ile kadar sonra",
    "id": "yang dan tidak ini itu saya dengan untuk ada akan dia dari bisa kami anda sudah pada",
    "vi": "là không có của và tôi một cho người được trong này anh đã với bạn đang cô nó",
    "ru": "не на что он как это она но мы они вы из за то был по его её так все меня",
    "uk": "не на що він як це вона але ми вони ви за то був по його її так все мене є та",
}
"""More words that are common in their language and cost nothing if another one uses them too: a line that holds one is
not looked at closely."""

ACCENTS: Final = {
    "en": "âçèéêëïñû",  # café, façade, naïve, jalapeño, crème brûlée
    "de": "äöüß",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "es": "áéíñóúü",
    "it": "àèéìíîòóùú",
    "pt": "àáâãçéêíóôõú",
    "nl": "áèéêëíïóôöúü",
    "pl": "ąćęłńóśźż",
}
"""Latin letters beyond a–z that a language writes, lower case; other ones speak against it."""

_AMBIGUOUS_WORDS: Final = (
    "a al alle am an ao as at ces chi co com come comment da de del des die do dos du e em en er fall hat hay "
    "he her his hoe i il in io is it ja jak la las le les los ma mam man me mes met mi my na ne no non nos o "
    "of on ons op or os per po pour so sole son ta tak te ten ti to ton ty um un uno us van vi w war was we "
    "will y yo z"
)
AMBIGUOUS: Final = frozenset(_AMBIGUOUS_WORDS.split())
"""Never taken as a sign of any language: single letters, and words that are also common words, prefixes or parts of
names elsewhere ("die", "per cent", "non-empty", "come here", "Van Gogh", "Los Angeles")."""
