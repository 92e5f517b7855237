//! What people may answer.

/// A project's name and the answers that are not the defaults.
#[derive(Clone)]
pub(crate) struct Answers {
    /// As it is given to `--name`.
    pub(crate) name: &'static str,
    /// What cargo-generate makes of it.
    pub(crate) settled: &'static str,
    pub(crate) given: Vec<(&'static str, &'static str)>,
}

impl Answers {
    /// The defaults, but for `given`.
    pub(crate) fn new(name: &'static str, given: &[(&'static str, &'static str)]) -> Self {
        Self { name, settled: name, given: given.to_vec() }
    }

    /// The answer to a question; empty where it is the default's.
    pub(crate) fn get(&self, question: &str) -> &'static str {
        self.given.iter().find(|(name, _)| *name == question).map_or("", |(_, answer)| answer)
    }

    /// In the npm package.
    pub(crate) fn package(&self) -> String {
        match self.get("scope").trim_start_matches('@') {
            "" => self.settled.to_owned(),
            scope => format!("@{scope}/{}", self.settled),
        }
    }

    pub(crate) fn has_page(&self) -> bool {
        self.get("www") != "false"
    }

    pub(crate) fn has_workflows(&self) -> bool {
        self.get("workflows") != "false"
    }

    /// In a few words.
    pub(crate) fn words(&self) -> String {
        let given: Vec<String> = self.given.iter().map(|(name, answer)| format!("{name}={answer:?}")).collect();
        format!("`{}` {}", self.name, given.join(" "))
    }
}

/// Each question with its kinds of answer; the first is the default, left out.
const QUESTIONS: [(&str, &[&str]); 8] = [
    ("example", &["", "statistics"]),
    ("license", &["", "MIT", "Apache-2.0", "none"]),
    ("www", &["", "false"]),
    ("workflows", &["", "false"]),
    ("scope", &["", "@ada-2", "ada"]),
    ("repository", &["", "https://github.com/ada/engine", "https://git.example.org/a/b/"]),
    ("author", &["", "Ada \"the Countess\" Lovelace <ada@example.org>"]),
    ("description", &["", "Says \"no\", \\ and <b>, {{ too }} — in one line."]),
];

/// All combinations of the first six, which decide what there is; the others are words only.
pub(crate) fn product() -> Vec<Answers> {
    let mut all = vec![Answers::new("engine", &[])];
    for (question, answers) in &QUESTIONS[..6] {
        let with = |base: &Answers, answer: &'static str| {
            let mut more = base.clone();
            if !answer.is_empty() {
                more.given.push((question, answer));
            }
            more
        };
        all = all.iter().flat_map(|base| answers.iter().map(move |answer| with(base, answer))).collect();
    }
    all
}

/// Sets with each kind of answer: all defaults, none of them, and texts with letters that need care.
pub(crate) fn records() -> Vec<Answers> {
    let last = |at: usize| {
        let given: Vec<(&str, &str)> =
            QUESTIONS.iter().map(|(question, answers)| (*question, answers[at.min(answers.len() - 1)])).collect();
        Answers::new("engine", &given)
    };
    vec![Answers::new("engine", &[]), last(1), last(usize::MAX)]
}

/// Few sets in which each answer to each question meets each answer to each other one.
pub(crate) fn pairs() -> Vec<Answers> {
    let mut open = Vec::new();
    for (first, (_, answers)) in QUESTIONS.iter().enumerate() {
        for (second, (_, others)) in QUESTIONS.iter().enumerate().skip(first + 1) {
            for a in 0..answers.len() {
                open.extend((0..others.len()).map(|b| ((first, a), (second, b))));
            }
        }
    }
    let mut sets = Vec::new();
    while !open.is_empty() {
        // Greedy: the answers, one question after the other, that meet most pairs still open.
        let mut chosen: Vec<usize> = Vec::new();
        for (question, (_, answers)) in QUESTIONS.iter().enumerate() {
            let met = |answer: usize| {
                let is_met = |&&((q, a), (r, b)): &&((usize, usize), (usize, usize))| {
                    let first = if q == question { Some(answer) } else { chosen.get(q).copied() };
                    let second = if r == question { Some(answer) } else { chosen.get(r).copied() };
                    // A pair with a question that is still to come counts a little.
                    first == Some(a) && (second == Some(b) || r > question)
                };
                open.iter().filter(is_met).map(|(_, (r, _))| if *r > question { 1 } else { 100 }).sum::<usize>()
            };
            let best = (0..answers.len()).rev().max_by_key(|answer| met(*answer)).unwrap_or(0);
            chosen.push(best);
        }
        let before = open.len();
        open.retain(|((q, a), (r, b))| chosen[*q] != *a || chosen[*r] != *b);
        if open.len() == before {
            // The greedy choice met nothing new: take the next open pair, and defaults.
            let ((q, a), (r, b)) = open.remove(0);
            chosen = vec![0; QUESTIONS.len()];
            chosen[q] = a;
            chosen[r] = b;
        }
        let given: Vec<(&str, &str)> =
            chosen.iter().zip(QUESTIONS).map(|(answer, (question, answers))| (question, answers[*answer])).collect();
        let given: Vec<(&str, &str)> = given.into_iter().filter(|(_, answer)| !answer.is_empty()).collect();
        sets.push(Answers::new("engine", &given));
    }
    sets
}

/// Names that are awkward: long, of one letter, those of crates and folders here, of tools, and one that is changed.
pub(crate) fn names() -> Vec<Answers> {
    let mut all: Vec<Answers> = [
        "x",
        "2d",
        "snake_case_name",
        "a-name-of-many-words-each-of-which-is-short-that-goes-on-and-on-until-it-is-rather-long",
        "common",
        "core",
        "test",
        "std",
        "wasm-client",
        "xtask",
        "vite",
        "www",
    ]
    .map(|name| Answers::new(name, &[]))
    .to_vec();
    all.push(Answers { name: "My Library", settled: "my-library", given: Vec::new() });
    // With a scope, nothing else goes by a module's name.
    all
}
