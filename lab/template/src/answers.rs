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

/// A question, and an answer of each kind; the first is the default, left out.
struct Question {
    name: &'static str,
    answers: &'static [&'static str],
}

const QUESTIONS: [Question; 8] = [
    Question { name: "example", answers: &["", "statistics"] },
    Question { name: "license", answers: &["", "MIT", "Apache-2.0", "none"] },
    Question { name: "www", answers: &["", "false"] },
    Question { name: "workflows", answers: &["", "false"] },
    Question { name: "scope", answers: &["", "@ada-2", "ada"] },
    Question { name: "repository", answers: &["", "https://github.com/ada/engine", "https://git.example.org/a/b/"] },
    Question { name: "author", answers: &["", "Ada \"the Countess\" Lovelace <ada@example.org>"] },
    Question { name: "description", answers: &["", "Says \"no\", \\ and <b>, {{ too }} — in one line."] },
];

/// All combinations of the first six, which decide what there is; the others are words only.
pub(crate) fn product() -> Vec<Answers> {
    let mut all = vec![Answers::new("engine", &[])];
    for question in &QUESTIONS[..6] {
        let mut longer = Vec::new();
        for base in &all {
            for answer in question.answers {
                let mut more = base.clone();
                if !answer.is_empty() {
                    more.given.push((question.name, answer));
                }
                longer.push(more);
            }
        }
        all = longer;
    }
    all
}

/// Sets with each kind of answer: all defaults, none of them, and texts with letters that need care.
pub(crate) fn records() -> Vec<Answers> {
    let last = |at: usize| {
        let answer = |question: &Question| (question.name, question.answers[at.min(question.answers.len() - 1)]);
        Answers::new("engine", &QUESTIONS.iter().map(answer).collect::<Vec<_>>())
    };
    vec![Answers::new("engine", &[]), last(1), last(usize::MAX)]
}

/// An answer to a question, each by its number.
#[derive(Clone, Copy)]
struct Choice {
    question: usize,
    answer: usize,
}

/// Two answers that have to be tried together; the first is to the earlier question.
#[derive(Clone, Copy)]
struct Pair {
    first: Choice,
    second: Choice,
}

impl Pair {
    /// Whether the answers to the first questions have both.
    fn is_in(&self, chosen: &[usize]) -> bool {
        let has = |choice: Choice| chosen.get(choice.question) == Some(&choice.answer);
        has(self.first) && has(self.second)
    }

    /// How much the last of the chosen answers is worth to this pair.
    fn worth(&self, chosen: &[usize]) -> usize {
        if self.is_in(chosen) {
            return 100;
        }
        // A pair whose other question is still to come counts a little.
        let is_to_come = self.second.question >= chosen.len();
        usize::from(is_to_come && chosen.get(self.first.question) == Some(&self.first.answer))
    }
}

/// Few sets in which each answer to each question meets each answer to each other one.
pub(crate) fn pairs() -> Vec<Answers> {
    let mut open = all_pairs();
    let mut sets = Vec::new();
    while let Some(next) = open.first().copied() {
        let mut chosen = choose(&open);
        if !open.iter().any(|pair| pair.is_in(&chosen)) {
            chosen = vec![0; QUESTIONS.len()];
            for choice in [next.first, next.second] {
                chosen[choice.question] = choice.answer;
            }
        }
        open.retain(|pair| !pair.is_in(&chosen));
        sets.push(set(&chosen));
    }
    sets
}

fn all_pairs() -> Vec<Pair> {
    let choices =
        |question: usize| (0..QUESTIONS[question].answers.len()).map(move |answer| Choice { question, answer });
    let mut pairs = Vec::new();
    for one in 0..QUESTIONS.len() {
        for other in one + 1..QUESTIONS.len() {
            for first in choices(one) {
                pairs.extend(choices(other).map(|second| Pair { first, second }));
            }
        }
    }
    pairs
}

/// Greedy: the answers, one question after the other, that are in most of the open pairs.
fn choose(open: &[Pair]) -> Vec<usize> {
    let mut chosen = Vec::new();
    for question in &QUESTIONS {
        let worth = |answer: &usize| {
            let with = [chosen.as_slice(), &[*answer]].concat();
            open.iter().map(|pair| pair.worth(&with)).sum::<usize>()
        };
        let best = (0..question.answers.len()).rev().max_by_key(worth).unwrap_or(0);
        chosen.push(best);
    }
    chosen
}

/// The answers by their numbers, less the defaults.
fn set(chosen: &[usize]) -> Answers {
    let mut given = Vec::new();
    for (question, answer) in QUESTIONS.iter().zip(chosen) {
        let answer = question.answers[*answer];
        if !answer.is_empty() {
            given.push((question.name, answer));
        }
    }
    Answers::new("engine", &given)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_of_answers_is_in_a_set() {
        let sets = pairs();
        for Pair { first, second } in all_pairs() {
            let has = |set: &Answers, choice: Choice| {
                let question = &QUESTIONS[choice.question];
                set.get(question.name) == question.answers[choice.answer]
            };
            assert!(sets.iter().any(|set| has(set, first) && has(set, second)));
        }
        assert!(sets.len() < 20, "{} sets", sets.len());
    }
}
