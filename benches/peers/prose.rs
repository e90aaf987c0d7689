//! Prose by the yard: words drawn as unevenly as a language draws them, so that it compresses as text does.

const WORDS: &str = "the of and to in a is that for it as was with be by on not he his but at are this \
    have from or had an they which one you were all her she there would their we him been has when who \
    will no more if out so up said what its about than into them can only other time new some could these \
    two may first then do any like my now over such our man me even most made after also did many off \
    before must well back through years much where your way down should because long each just state \
    those people how too little good world make very year still see own work men day get here old life \
    both between being under three never know same last another while us might great go come since \
    against right came take used himself few house use during without again place around however home \
    small found thought went say part once general high upon school every does got united left number \
    course war until always away something fact water though less public put think almost hand enough \
    far took head yet government system better set told nothing night end why called find going look \
    asked later knew point next program city business give group toward young days let room within \
    children side social given present several order national second possible rather per face among \
    form often things early white case large become need big four within felt along saw best church \
    ever least power development light thing seemed family interest want members mind country area \
    others turned although open god service certain kind problem began different door thus help sense \
    means whole matter harbour lantern orchard saddle copper timber ribbon granite meadow parcel";

/// Words in no order, the same ones in every run.
pub(crate) struct Prose {
    words: Vec<&'static str>,
    random: fastrand::Rng,
}

impl Prose {
    pub(crate) fn new(seed: u64) -> Self {
        Self { words: WORDS.split_whitespace().collect(), random: fastrand::Rng::with_seed(seed) }
    }

    /// `count` words with a capital and now and then a comma.
    pub(crate) fn sentence(&mut self, count: usize) -> String {
        let mut text = String::new();
        for nth in 0..count {
            let word = self.word();
            match nth {
                0 => text.push_str(&capital(word)),
                _ if self.random.u8(..12) == 0 => text.extend([", ", word]),
                _ => text.extend([" ", word]),
            }
        }
        text
    }

    /// Between `least` and `most`, both included.
    pub(crate) fn number(&mut self, least: usize, most: usize) -> usize {
        self.random.usize(least..=most)
    }

    /// Zipf's law, near enough: the cube of an even draw favours the front of the list.
    fn word(&mut self) -> &'static str {
        let even = self.random.f64();
        self.words[(even * even * even * self.words.len() as f64) as usize]
    }
}

/// Characters that nobody can foresee, as a nonce has them.
pub(crate) fn token(random: &mut fastrand::Rng) -> String {
    const BASE64URL: &[u8; 64] =
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    (0..32).map(|_| char::from(BASE64URL[random.usize(..64)])).collect()
}

fn capital(word: &str) -> String {
    let mut text = word.to_owned();
    text[..1].make_ascii_uppercase();
    text
}
