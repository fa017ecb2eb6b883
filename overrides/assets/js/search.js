"use strict";

// What the search's worker runs: Material's own script, told a reader's words in terms that it
// finds. Left alone, it takes each word for the beginning of one, "is" for that of "isometry", and
// drops the last character of a Chinese word whose first is one.
(() => {
  const [SETUP, QUERY] = [0, 2]; // of the messages that Material sends
  const SMALL = new Set(
    ("a an and are as at be between by can do does for from get has have how i in into is it its me " +
      "my of on or should that the their them there this to was we what when where which who why " +
      "will with you your").split(" "),
  );
  const ASKED =
    /什么是|是什么|什么叫|为什么|为何|什么|怎么样|怎么|怎样|如何|哪些|多少|可以|会不会|是不是|之间|问题|[的吗呢么是会]/gu;
  const WORD = /\p{Script=Han}+|\d+\.\d+|@|[^\s\p{P}\p{S}\p{Script=Han}]+/gu;
  const RARE = "龥"; // stands nowhere: what Material drops, in place of a word's last character
  const tell = self.postMessage.bind(self);
  let material; // what Material's script does with a message
  let started;
  let index; // lunr's
  let simplified = new Map(); // for traditional characters
  let asked = {};

  async function start(script) {
    self.addEventListener("message", hear);
    self.addEventListener = (type, listener) => (material = listener);
    await importScripts(script); // at once in a worker; offline.js takes its time
    const { build } = lunr.Builder.prototype;
    lunr.Builder.prototype.build = function () {
      return (index = build.call(this));
    };
  }

  async function hear({ data }) {
    await started;
    if (data.type === SETUP) {
      const pairs = data.data.config.fields.names?.simplified ?? "";
      simplified = new Map((pairs.match(/../gu) ?? []).map((pair) => [...pair]));
    }
    if (data.type === QUERY) asked = read(data.data);
    material({ data: data.type === QUERY ? { type: QUERY, data: asked.query } : data });
  }

  // Nothing found may be a slip of the finger: once more, each word with a letter wrong. No reader
  // is to see a name that nobody typed among the words that a page lacks, nor all of a section
  // that holds none of the words: its first paragraph says what it is about. A page that is shown
  // for the sake of a section marks the section's words.
  self.postMessage = (message) => {
    const items = message.data?.items;
    if (items?.length === 0 && asked.guess) {
      material({ data: { type: QUERY, data: asked.guess } });
      asked = {};
      return;
    }
    for (const group of items ?? []) {
      for (const item of group) {
        delete item.terms[asked.name];
        if (!item.score) item.terms = group[0].terms;
        if (!item.text.includes("<mark>")) item.text = item.text.replace(/(<\/p>).*/s, "$1");
      }
    }
    tell(message);
  };

  // A query in which a whole word counts for more than a beginning, and the small words of a
  // question for nothing. All words together may be a name of the glossary: weave/search.py gives
  // each of its places such names, written without gaps.
  function read(typed) {
    const plain = [...typed.normalize("NFKC").toLowerCase()]
      .map((character) => simplified.get(character) ?? character)
      .join("");
    const telling = words(plain.replace(ASKED, " ")).filter((word) => !SMALL.has(word));
    const kept = (telling.length ? telling : words(plain)).map((word) =>
      /^[a-z]{3,}[^aius]s$/.test(word) ? word.slice(0, -1) : word,
    );
    const joined = kept.join("");
    const name = kept.length > 1 && index?.invertedIndex[joined]?.names ? joined : "";
    const cut = [...new Set(kept.flatMap(parts))];
    const exact = (name ? [name, ...cut] : cut).map((word) => `${shield(word)}^10`);
    const long = kept.filter((word) => word.length > 3 && !isHan(word));
    const guess = long.map((word) => `${word}~1`).join(" ");
    return { query: [...exact, ...cut.map(shield)].join(" "), name, guess };
  }

  const words = (text) => text.match(WORD) ?? [];
  const isHan = (word) => /\p{Script=Han}/u.test(word);
  const shield = (word) => (isHan(word) ? word + RARE : word);

  // Chinese, cut into the longest words that the index has.
  function parts(word) {
    if (!isHan(word)) return [word];
    const found = [];
    for (let start = 0; start < word.length; ) {
      let end = word.length;
      while (end > start + 1 && !(word.slice(start, end) in index.invertedIndex)) end--;
      found.push(word.slice(start, end));
      start = end;
    }
    return found;
  }

  self.addEventListener(
    "message",
    ({ data }) => {
      started = start(data.script);
    },
    { once: true },
  );
})();
