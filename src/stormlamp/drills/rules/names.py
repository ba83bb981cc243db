"""Names of nobody: family and given names per culture, to be combined by dice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Culture:
    """Where a family's names come from, and how likely it speaks each language (codes of ISO 639-1)."""

    weight: int
    languages: tuple[str, ...]
    family: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip().replace("_", " ") for word in text.split(","))


FRENCH = Culture(
    weight=30,
    languages=("fr",),
    family=_words(
        "Lambert,Dubois,Leroy,Simon,Laurent,Renard,Collard,Gérard,Noël,Lefèbvre,Delvaux,Charlier,Thiry,Mathieu,Étienne,"
        "Hubert,Dumont,Delcourt,Marchal,Bodart,Piron,Wauthier,Léonard,de_la_Tour,Deschênes,François,Tilkin,Rémy,d'Harveng"
    ),
    women=_words(
        "Amélie,Chloé,Françoise,Hélène,Inès,Joëlle,Léa,Marie-Noëlle,Océane,Pascale,Régine,Solène,Thérèse,Zoé,Maïté,Élise,"
        "Bénédicte,Colette,Geneviève,Manon"
    ),
    men=_words(
        "André,Benoît,Cédric,Didier,Étienne,François,Gaëtan,Hervé,Jean-Luc,Loïc,Mathéo,Noé,Olivier,René,Sébastien,Théo,"
        "Xavier,Raphaël,Jérôme,Grégory"
    ),
)
DUTCH = Culture(
    weight=38,
    languages=("nl",),
    family=_words(
        "van_den_Broeck,Peeters,Janssens,De_Smet,Claes,Goossens,Wouters,Van_Damme,Maes,Willems,Mertens,Van_de_Velde,"
        "Aerts,Hermans,Vandenbossche,De_Clercq,Baeten,Coppens,Lauwers,T'Joens,Pauwels,Segers,Van_'t_Hof,Boeckx,Theunis,"
        "Verstraeten,De_Wachter,Vandermeeren"
    ),
    women=_words(
        "Anneleen,Britt,Carine,Elke,Fien,Greet,Hanne,Ilse,Jolien,Katrijn,Lotte,Mieke,Noor,Petra,Renée,Sofie,Tinneke,"
        "Veerle,Zoë,Liesbeth"
    ),
    men=_words(
        "Arne,Bart,Cyriel,Dieter,Ewout,Frans,Geert,Hendrik,Ives,Joren,Koen,Lode,Maarten,Niels,Pieter-Jan,Roel,Stijn,"
        "Tuur,Wannes,Jozef"
    ),
)
GERMAN = Culture(
    weight=8,
    languages=("de",),
    family=_words(
        "Müller,Schröder,Jägers,Heinen,Kessel,Löfgen,Pauels,Rößler,Schmitz,Theißen,Velz,Wüst,Zimmermann,Krüger,Brüll,"
        "von_der_Heiden,Hönig,Maraite,Kohnen,Fickers"
    ),
    women=_words("Änne,Brigitte,Dörte,Friederike,Gisela,Heike,Jutta,Käthe,Liesel,Ursula,Elke,Marlene"),
    men=_words("Björn,Dieter,Götz,Heinz,Jörg,Karl-Heinz,Lothar,Matthäus,Rüdiger,Uwe,Jürgen,Emil"),
)
ENGLISH = Culture(
    weight=7,
    languages=("en",),
    family=_words("O'Brien,Whitcombe,Hargreaves,McAllister,Okafor,Adeyemi,Pemberton,O'Sullivan,Fairclough,Singh-Reid"),
    women=_words("Aoife,Bridget,Charlotte,Eleanor,Grace,Imogen,Niamh,Siobhán,Chiamaka,Ngozi"),
    men=_words("Alistair,Cillian,Declan,Emeka,Graham,Malcolm,Rory,Seán,Tobias,Oluwaseun"),
)
TURKISH = Culture(
    weight=5,
    languages=("nl", "fr", "en"),
    family=_words("Yıldız,Öztürk,Şahin,Çelik,Kılıç,Güneş,Aydoğan,Doğan,Koç,Işık"),
    women=_words("Ayşe,Elif,Gülşen,Hatice,Zeynep,Şeyma,Nurgül,Özlem"),
    men=_words("Özgür,Çağlar,İbrahim,Mehmet,Oğuz,Ümit,Barış,Şükrü"),
)
POLISH = Culture(
    weight=3,
    languages=("nl", "fr", "en"),
    family=_words("Wójcik,Kamiński,Dąbrowska,Zieliński,Jabłoński,Król,Piątek,Wróbel"),
    women=_words("Małgorzata,Agnieszka,Żaneta,Bożena,Zofia,Grażyna"),
    men=_words("Łukasz,Paweł,Wojciech,Stanisław,Michał,Grzegorz"),
)
MAGHREBI = Culture(
    weight=6,
    languages=("fr", "nl"),
    family=_words("Benali,El_Amrani,Ouazzani,Bouchaïb,Ait_Lahcen,Ziani,Haddadi,El_Khattabi"),
    women=_words("Fatima-Zohra,Naïma,Samira,Yasmina,Khadija,Houda,Leïla"),
    men=_words("Abdelkader,Youssef,Mohcine,Rachid,Hicham,Ismaël,Karim"),
)
OTHER = Culture(
    weight=5,
    languages=("fr", "nl", "en", "de"),
    family=_words("Nuñez,Gonçalves,Ștefănescu,Nguyễn,Håkansson,Popović,Kovács,Bianchi,Mbuyi,Dvořák,Þórsdóttir"),
    women=_words("Conceição,Mădălina,Linh,Åsa,Jelena,Zsófia,Giulia,Espérance,Růžena"),
    men=_words("João,Răzvan,Minh,Göran,Đorđe,László,Nicolò,Célestin,Jiří"),
)
CULTURES = (FRENCH, DUTCH, GERMAN, ENGLISH, TURKISH, POLISH, MAGHREBI, OTHER)
CULTURE_WEIGHTS = tuple(culture.weight for culture in CULTURES)

# Streets and towns of no map; Belgian postcodes start at 1000, so 0xxx is nobody's.
STREETS = {
    "fr": _words("Rue_de_la_Lanterne,Avenue_des_Tilleuls_Bleus,Chemin_du_Phare,Place_de_l'Éclaircie,Impasse_du_Vent"),
    "nl": _words("Stormlampstraat,Zwaluwenpad,Vuurtorenlaan,Windmolendreef,Kraaiennest,Regenboogplein"),
    "de": _words("Laternenstraße,Am_Nordtor,Leuchtturmweg,Drosselgäßchen,Windmühlenallee"),
    "en": _words("Lantern_Street,Northgate_Row,Kestrel_Lane,Beacon_Hill"),
}
TOWNS = {
    "fr": (("0410", "Portnord"), ("0420", "Val-des-Brumes"), ("0433", "Grand-Éclair")),
    "nl": (("0110", "Noordpoort"), ("0125", "Lampegem"), ("0140", "Onweerzele")),
    "de": (("0710", "Nordtor"), ("0722", "Sankt Lampert")),
    "en": (("0900", "Northgate"), ("0910", "Stormhaven")),
}
