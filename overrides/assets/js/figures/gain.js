"use strict";

// Gain and depth against the length of the gradient: the drawing's forty networks, at any gain.
// Linear or with ReLU, a gain of g multiplies each length after k layers by g^k, so their walks at
// gain 1 say all. Each pair of signs is a layer: thousandths of log10 of the length, to base 36,
// above 648. tests/site/test_interactive.py compares them with snippets/mechanics/gradients.py.
(() => {
  const { inLanguage, html, svg, number } = live;
  const DEPTH = 50;
  const BOUND = `
q6pfqbq8pppuqdq9popwq6q6pxq7q9pxpupzpyq8poq1q2qhq5plpzq0q4q7psqcq9q8q6pdprpxpxqnq6pqqaqiq8q0pdpyqbqe`;
  const LINEAR = `
hriyi9i2gzhzhlh9jcj9ighaixi1fvh1i7iph6hnj9jaj0iojgi5ixj7h3iqhhhuhzithqexfwh5hsi6jphtgzgghygpgjhchbhe
hogmhfichah3hmh9hzk3hgjcijilh1gnj3ihi4h0hfi2hvhfiugbhpivikiqiyh1iyhijsghiegyhoj0ithkg6fkg0ijhiikiphk
hljahphnjkh7hzgnhnh8ibiefoh2hfi4fzh3hyh9i9hmh9htgcjlgxgphxgghhg6hai4hbipi3h7j6iti8hdhei2ihhai6h0ilim
irhmhshdgqhch5jzgpi7ixjegogyhwhbjki8jdgtjchdi4gig7hlg6hnhzili4heiqh8i5ikhtjkhyi6i5h5gtifh7jbhpipjuhe
jck1klj7i8j9ivipifh7ith0iuhqi8i4iojlhnkzhuhsifgyiyifgvhogeh0hei6gugjhtiggyj4h5gwgzhrhri0hoibhmhgibhv
i0hehcj0hmi6j3gdiygiiqfbhjgnhfhcjrj9iaf8hxh3iffdiwhmhgfdiqi0gpjdieh9ioiljejsisi3j5hxifgxhahwiuj0iziy
g4jsi8hkj4j7i2gtj0g7h6jvh8gtjgighjikhgk2hnguhvh8fwhtg9grfhinivhdi1h8hlh0gdguh0giixhnhofxiqieiuikhyhx
hciohxg7hyj2iqimi0hxhmhmitggi9ipgoizh4ihgsjshwj6jaicgki3hchykdgzg5iji5j9iggxgighjeh3i1injvi1i5ikhejy
igh4hkiiioiskwgrjcichfhlj3i6iehzj5iyi0gmitjcgtgegchvg5inh8i9gqi6irggikiyi4iki2gxiph1htkbhxixiehnjyfk
glhvj3hpivgthkhphsi8iyj0hdhkj8hhixk2ish0i0isg4iyf9hikgicjdiui7irirjcieimizg7j5hrjchrhfjnidglh4jbkhiv
i1ieiohdi1hthsgsiziaixhni0jqhyhfixiahfidivi9ilighyivh6j1jmjbhwj4hyhggxfygigyj4i3hpjfhyhriqiajlkeivh3
ikhpi3jjgoh4gmiqjxgwiehviujghuhpgfjshuixh6i5h1huh0jdgygxi5hzh1h7h6izgzhxgwhdh4gni1ioimgsj0jxickbifid
isgii0j3i4jehxjdgyhfjciigkiri2gkjtg9h2izi0iwhihyj8gshrili4g6gvgdgjijgvjbi0i9fohugti5heithygiighzi3kf
h7gdhzicj3i9g8j7glgtj7ishyhqh7h8hofuhxgegvh5goioimifixi8g4hdj1hci5g5hqh8ilgfhchbhihjgoigh6gxivimhgjq
gsgjhqibhdhyjlhphuizi6hxhcihjuhnhegrjbi2ihikikhyh4jahehkj7h7g0h9isi6i4hofki4hngriyhnj2gogni6j4huizi4
hkgij0isizgvirh6idjyhrieesgxhsh8h5ibhghuhfhgimiuhhg1hxgnjchwifheh2j4hyhhh4imh2hniaimgwj4ishxgdjwi6g1
izhcibj3i9jjhzhcirgzglh2i0ivichcibjwhqhoiagzhph6jbgthmhjf8hhh4hdiahaipi3jtj2gvj4inhfj5hbjuivhniijxhv
h2hdgrgciyj8gwhdi2ikhtj7i9jxhgiaiohlj4i4gqk3jiilhgicixi5ijhdgfhqi7hshwh8gzhxgfjphvhdiuibjmi8hjh6kkhb
hmidhwghhuhmhlhbjcifgcj7j3i0isgejij9hphhh2h4icg2hyiajshth7ibgwh9ghgsh8ihirioj9irhqh0j6hrilhuhcgmgph7
iqgwhygth7j6hlgpishghfj5ibiqgajjgai7g5hchehzilhthrgkjgj0i5hwhlgaiujyiriphti1g0g0hrhuitiei7i6img2iohg
hdhghkiihjhwfthhgxh7j2gqhchyjlgziuh7egjphwjqg2jmiahfgnhljhicgwhmiwgvhchlipiuj5gij7g8i0i0geitjhgdh0hw
h8i9i5h3gxi6h1ihhphlhejmi6hbhdi1i9gxiqighghfhhhlh7ibjuihgjhfgyhfjlicj7i8gbhuiag9jlhtjugjhqh8gnhng6j2
hyfqgli8iahykfgqhsj1hwj9jbheguhlfgifjhgpi8gqhch6ibjchgh7ijgrjehwjthmizizili1hbibhoiwinhchvipghjdjbi7
hwhiisj4i4fkhuiehykqigilikh5h8gzivjxgci4hgjahpjjh4lbjyjbj3ieimh8isicj4jxh4hthlh6kbith4gdirhigyggi0i9
joh3hch8i5grhagmiggmgmguhxihj2jcj6h6i8g5gfj7ichthnhvhfjyfwhwhyhhirj0hph7ithjjkgei1i1guiuhpg0idibhngd
iwiqikiahciagwhyixgtgzggi0idk0hjh2i7h6ghhti8i1ighpgcihihe8h7gjhdfahgh1hzh2hch8jwjyf9ibhbish3hefsgfhy
idiphsgphfhoizi8h6h0hzh5jhhsg5hzi3h6htinihhdhoi2imi4h2hlieiah2hhgsgxgdhgh8iggfhxj4goisiekki7k4hkieju
g5hghbhokhhvhmhwh6fwigi0h4jqhugdhchiiogqi0j9h3gujfj7ixioiyhpirhpivj0i2hwk3gug0igfvhrhxjogdhhh3iljjho
hqingvhkf9iqijiphnh0hci6gggfiwhkhtg0fji1idhlh1i2jcikjngtiygnjegqitiwhphvhgi6ichzexjbigipihhzgbh1hefw
k9ioioi3i9hthlh9i1hoihimibjagli3iwidgqj2joeygpgzj0ipg1hyiuhei0gihjgih4h4k0hphcibj4i4h3ipjcgvi8fuhrf6
gpj0h8iailg6imh7hcj6igh5hjiri3ighfgri7glg8gbj7hahkgsi3foeqiti9hwhhi4g0guihingii6gxhygqinifjvilhpizfo
j2jaicixihj5g3i9h7idh5ggg6gji7i2iuiwhvj5hji7igifilizhthaj6jcivfjibiyilf8hggyjmj3fshoioimivhbhtj6fphs
ihihichdhrh0hqh4i7imgchiidh6iej4hxikgmh9ihggi0ili0gzheirhdi4hyj9hvggjaitjphkglhqi4j2hnk1hjkuj0h4iuic
gliyhegfi4jqjogeetizhlixhkhpiohzg9hzk2iigngpjkh9hyisi2g6iyhhi2h0gvhkigi0g1htiel8hbi6h7i5hfguh0hsgbi9
hxhdguibj5hzhai9hajpijihifihjzinhwhpj3hhithxj5jahnhmhyinixhri9jdieiih8j4hoh1g9jhhrj8hcghhij4j7i2i1kk
h4icfzkpi2gzhyihkeikgsfwiahbichdjdh9jbhrhjhyj1isidi4imjbgihciigdg7hgixgyguj0j9i5h8hngoiggjgshuhwiife
kuhrg8gggrhofthvezi5gtjlhngugsgggki0imi5gmhaiwhkgohii3inijg6huhgijiziairhjhej0fyiki2gaichwirhch8hojf
h4hdfxgth4hhgxiaiek6hnitgkgbh3ikgyhteqjchzh5hdilfuijikh8j9irkaimiij1gwgjhbgtkojjithui9ilh7hghchoinhg
hygeh7hsisk6hgiai9hxigiygciqhtgqg4g2jgjci9hxhdhlh3i5hdhih7h9gximg0hifzjlg9jfibh5i6jhj8guhohxgcfyhmip
i3ihi1hti6hyiwizh1iyigici2hmfbjwhkimhoh4iei2iaiwh3j1hghghqiniqirhxhiipfxg2hlhxiggzj9fvjqi1hlfyhpikhj`;
  const RELU = `
dph3ecd7c8h0dxdtdpgxd4ddfeenbkcodeckenchdchrbadk9tecdceedye7acb5bxdaahf9dbe9dudwe3drgndjdngccvbfe4i0
djccefbqesf1fmgtg0c1ckdidhcwfdes94d0cgg5bde1f9cgfecrdkdtbvf4c1c0eqd1bacxddcndvcfdsexgwasgbeuh0bydgjl
dvb3chdhf9eodmc0eyg9cxbwdqdteceteydee2ceehe3b9e0fdcdbremg7bucwewcjabfqe3facofkg1ejezdlble5ahbeguegi0
f1c8gqe3bdghcxengxcvh6czemc8cgec8zd8ecd3g0btdwg6ftfp9zf0dyemd6cbe2b0bieyb8e7c3epb2cgexcpbs8uaybmdmhm
e9f0e6c5bng2e7f8ead1d2e4a5dtelemcvcbafe2d5fteqe9f0d7afg7dcbccdeteog8bzbrf9c5elf9fkeaebe2e0abdafacfiv
e4d2d5ewcgcac0a9bxb2e3d09ucpdugde0dpcte6defsezc5deb5cefibbe4dea5cnauf5e6dxe0clf0d6dub6d6decbcydgeaim
didpgbeuckgvegf3fpbic1ejdeeifhf8c2f3dkcvdqbqb0c9cucoekesf1a1d1exdgbif9b5evcmcqbccbf7dcbxc2ejdkflfcfy
bwcbfybafubndz73djgjfvcubh9ed6h8eie5c0d4cufadecqf4fkf3erexdcd8d1d0epf1ff9fd29tbye5g4c8e9d2d8bmg1f9i2
e6d0ffcedme0dpbyfnd0dlfld5aydzdgg7ebcefqefbzcfc8bbh9gmg1dse79hfccef5bhcjfdcpecewdxgcd79kb6bxd8fzbkix
6kdyfpdwd5cfbvcvd5e1bgexdlcb9wemdfayfvdceiegavdeccctebfcc7gucec9bjdbewelg2egeodqdsbwblduarh2d1ddh2h4
f9d9ecc0caevbyczehdxdse9dpgrg4ckf5dlbudhfpcccudyh6gmf4fmf1fkd1edbvdtecc9dbdpgfdgepcre1dgeubcfzaud3gw
drake8dzevd6bofib4afczd7f9a7g1g3dpdpgqccesfba8djcycladckdmdadb71ajf1cte9ebf0bgetdkdhdrepemcmhffudwhq
e8c5bkfge8etekd5cxeqdu9jf5dtggbmfeg1b3gmc6g4bofy9kanfzg1hee0eddgcqbpcdasgba0ccd8bxe0g5ftc39xg5bsahk4
b4cxd3dpdpductdkbwdwctctd1cfe1djg2dxc0d1cmcufkbnbyfjgmfke5a4cwc1fcbzbjgndueneveuclccffbwg5ejaxdpg1gz
cpaaccejdxedfvfrd0dd7vbqcybxehd8cqegdfayd7cgcuduf9e4en90enf0e8bdafeferfhegd1emc0dfded2apctdoaidsdcir
cscidyezcadj95eyane7c9e5elduc6bjcyfre4czaze9bnf7clc2fdb9e9dgc7d9e1dna6bqdyetb9bth1czchcqdtbhe5h3e2gs
ff9zfcf89je1d1fnd8cgdtcof4cjeceodvchekckdqbtalb1ezczcyd4crgtewerbqdaale5bsckdwgbcvcpf7bfejftfyfxc9ig
b4g7eagnfrdebwcvg7ddhqep8od59d64blan8dg8bjd2hkckbpc5ddfud1dwbccka2d5eb99e4gzeye9bqd6e9crezc4fudzf2jr
dpelflehfeasgnd7flfqetcwh9a6cdf3dzbmaqds9ldcd3d1evbkcdeddqdidwh5doeocvdif0c6fdfeb4ded4cvelbng3bse5ic
drdsdzencmfyate5e2dueqduetenfyekendiecbh9vcrf8gicegcdef9e3dsascycxf4fzfjd8gedlatfdgmc7dycmbyc29zeli2
eheq9fbocwecbldtfuewfhf1eddkg2ejeohegdcpbqe7ftcvcfdgepggfkbpe2euftdoe4djbwh8fwd4d8c5e2c5dncuesf5e0ja
ckh4c4dyfgg8egaffpclaugydja3e7chc6f1c4djcsemeu9rchc2bof8gye5ese9b8gde8geffeafkdkcsefejf8chepc8doelg5
epe3c8fma9foemd9fhedeof0g6emeze6fwblfuedflctcvdoe5dkdwe6e6ewg7e59bazc4ahfuajcsfbf0fr9rd4evdodggucbhh
bye3g3c6drdde7dsf7cwf0cqfacococpf5dte59bf2brg6e4ercld8cfetcsf8doebfwejc4cye2fqbz9uctdpf1c0exdt6ceqht
g2e5f1cac8cifke2e7epekeqeeeoesbscjegbtcrg5ehf6e7fobrbzcbcifvfedxdeaqdjfdcpgsbfc7dgckedemeaaaf3dfcth2
efeme9g8e0fzdrekctbjeyb1eidrdhf2dicefketdbexepe8adegfgcldgd0d5dn9hdzeaducra5dmeac5e6ave8fo8dg7cecwjl
byawcmeacxbngkeha5flbpe599ftdee8fjdyejcmaibnccbnayemcwbrdne0hhdbdkanfucveve9cff8cbc3fkcgb4c8cyefdsgp
eed5frdwbudneocvc1fmbncbe6e2clckcufeb4ctd9e9cbedfhdmdefbdackeibsdqhnekdrevcac6bvaoe3c2gaefd6fyejc9hm
cjbvazbecpbc9obsduezc1dwccchfw8nezcleha9c9ddddcsfxetc0dmgee8f4avepf5d0cgedczd0euc5cwdhblenc0e2flalhj
ggd9blerf3agfwbvdqcmde82egchd8evf8ejchducsf5decyej73bacneodxekeifcclh8bxf2eyg8etbydzfhe2ekb9dnckeyid
c8e9gyehfndfbwbuaecffrcaeqcze8cxfdbdcf5lbxaydddbcweqg3e6c2e9ckfzadhmd2d8bddjcwe6cweabrcdctd5fkegdoi7
grf3eme9cpdof0cnetge8we7dpcieebwdvelcedudhbyefgbdxccd5cuepdmame6cac5bkf4c5esdcbmead8fzg6epama4fcffi0
dof5dycoe4dce7eud3brcdcgeshjdjboble4fbf5drfe7vbzcwewe59wdyc7fhefd3e89besbwbfbs69dyd5ejewb3f2efdjd6i6
d4eld6cic8d5fmesbwewg6aze4fpc4fxdrcph6fig48te3f6giel9xajehckdg9fcqf7eae6esdyaaelfld7eeevfsfydacme6g4
dxd6d1dndiegetc9d6f8dfdwgje7d1bte8b4bockepedc0fvfpfbblgvezc9e9ekfoehe3dnbdd7e5c0dcbthbeiepcg9qdjeeha
doe4d2enb6fcegbyeifabtewd7cxekegdgf9ezetdgene5cxeecpfceycpd8bpepccefgte8ebbwd1eeaucjclc7eifhcrbee5id
htbdcbcpcubkc0eye9hccqahdpfjddc9dudpdjb5d4fedacac4f7e9d6g0egbge3gqacdg7ydqdof1bbddf5ckdechclcdftctgj
75eydzd0d4azf19ce1dpfle1difleec8elbdbeekcwe4eibpc7a9dldfdlcme1d7f6dwbbdogcfkdde4c4d3ece2c0epaef6bmhh
erci9mdke5e5byegdeeoc6bphnfbbhaafrbrdce5cxd9fgc7ctfcdrgfe3chfqcre8f0erf2aacmdedvctdqbee1fibweyguduhg
f49zcre3fs78e0c2fdejf0dcczcebsd4bcd2bcdcg7ecflbbfug39ee8h6frdxcdeod3a4e7bzgwd4eff1dxerercpeobjc3fvi4`;
  const STEPS = inLanguage("层", "layers");
  const ACTIVATIONS = [[inLanguage("线性", "linear"), LINEAR], ["ReLU", RELU]];
  const [LEAST, LARGEST] = [2 ** -24, 65504].map(Math.log10); // what float16 can hold above 0

  // log10 of the length after 0, 1, ..., 50 layers
  function walked(signs) {
    const lengths = [0];
    for (const pair of signs.match(/../g)) {
      lengths.push(lengths.at(-1) + (Number.parseInt(pair, 36) - 648) / 1000);
    }
    return lengths;
  }
  const bound = walked(BOUND.trim());
  const networks = ACTIVATIONS.map(([, signs]) => signs.trim().split("\n").map(walked));

  // Of forty lengths the mean of the two in the middle, as numpy has it
  function median(logs) {
    const sorted = [...logs].sort((a, b) => a - b);
    const [low, high] = sorted.slice(sorted.length / 2 - 1);
    return Math.log10((10 ** low + 10 ** high) / 2);
  }
  const at = (walks, k) => walks.map((walk) => walk[k]);
  const medians = networks.map((walks) => bound.map((_, k) => median(at(walks, k))));

  const superscript = (whole) =>
    String(whole).replace("-", "\u207b").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);
  function length(log) {
    if (log > -2 && log < 1.99) return (10 ** log).toPrecision(2);
    const [digits, power] = (10 ** log).toExponential(1).split("e");
    return `${digits}×10${superscript(Number(power))}`;
  }

  // The plot: log10 of lengths from -16 to 16 against the layers.
  const [LEFT, TOP, WIDE, HIGH, MOST] = [46, 24, 246, 256, 16];
  const x = (k) => (k / DEPTH) * WIDE;
  const y = (log) => HIGH / 2 * (1 - log / MOST);
  const path = (logs, last) => "M" + logs.slice(0, last + 1)
    .map((log, k) => `${x(k).toFixed(1)},${y(log).toFixed(1)}`).join("L");
  const stroke = (colour, width, more = {}) => svg("path", {
    fill: "none", stroke: `var(--${colour})`, "stroke-width": width, ...more });
  const text = (words, left, top, anchor = "middle", colour = "soft") => svg("text", {
    x: left, y: top, fill: `var(--${colour})`, style: `text-anchor: ${anchor}` }, words);
  const faint = stroke("line", 1);
  const most = stroke("soft", 1.8, { "stroke-dasharray": "6 4" });
  const middle = stroke("ink", 2.2);
  const end = svg("circle", { r: 4, fill: "var(--ink)" });
  const names = svg("g");
  const level = (log, more) => stroke("accent", 1, { d: `M0,${y(log)}h${WIDE}`, ...more });
  const plot = svg("svg", { x: LEFT, y: TOP, width: WIDE + 5, height: HIGH },
    level(LARGEST, { "stroke-dasharray": "2 3" }), level(LEAST, { "stroke-dasharray": "2 3" }),
    stroke("line", 1, { d: `M0,${y(0)}h${WIDE}` }), faint, most, middle, end);
  const picture = svg("svg", { viewBox: "0 0 300 318", "aria-hidden": "true" },
    stroke("line", 1, { d: `M${LEFT},${TOP}v${HIGH}h${WIDE}` }), plot, names,
    ...[-15, -10, -5, 0, 5, 10, 15].map((log) =>
      text(log ? `10${superscript(log)}` : "1", LEFT - 5, TOP + y(log), "end")),
    ...[0, 10, 20, 30, 40, 50].map((k) => text(k, LEFT + x(k), TOP + HIGH + 12)),
    text(inLanguage("梯度长度", "length of the gradient"), LEFT - 40, 10, "start"),
    text(inLanguage("往回走过的层数", "layers walked back"), LEFT + WIDE, TOP + HIGH + 28, "end"),
    text(inLanguage("float16 最大数", "largest float16"), LEFT + 4, TOP + y(LARGEST) - 9, "start",
      "accent"),
    text(inLanguage("float16 最小正数", "least positive float16"), LEFT + 4, TOP + y(LEAST) + 10, "start",
      "accent"));

  const { values, save } = live.remembered("gain", [[1, 0.5, 2], [DEPTH, 1, DEPTH], [0, 0, 1]]);
  const gain = live.slider(inLanguage("增益", "Gain"), 0.5, 2, 0.005, (value) => {
    values[0] = value;
    show();
  });
  const depth = live.slider(inLanguage("深度", "Depth"), 1, DEPTH, 1, (value) => {
    values[1] = value;
    show();
  });
  const radios = ACTIVATIONS.map(([name], which) => {
    const input = html("input", { type: "radio", name: "fig-gain", value: which });
    input.addEventListener("change", () => {
      values[2] = which;
      show();
    });
    return { input, label: html("label", {}, input, html("span", {}, name)) };
  });
  const balance = live.button(inLanguage("取临界增益", "Set the critical gain"), () => {
    values[0] = critical();
    show();
  });
  const readout = live.readout({
    median: inLanguage("长度，中位数", "length, median"),
    range: inLanguage("最短，最长", "shortest, longest"),
    bound: inLanguage("上界", "bound"),
    layer: inLanguage("每层（几何平均）", "per layer (geometric)"),
    critical: inLanguage("临界增益（中位数为 1）", "critical gain (median 1)"),
    window: inLanguage("中位数 10⁻³ 到 10³ 的增益", "gains for medians 10⁻³ to 10³"),
    float16: inLanguage("中位数用 float16 存", "median in float16"),
  });

  // The gain at which the median after all these layers is 10^log
  const gainFor = (log) => 10 ** ((log - medians[values[2]][values[1]]) / values[1]);
  const critical = () => gainFor(0);

  function beyond(logs) {
    const k = logs.findIndex((log) => log < LEAST || log > LARGEST);
    if (k < 0) return inLanguage("存得下", "in range");
    return logs[k] < 0
      ? inLanguage(`第 ${k} 层已太小`, `too small at layer ${k}`)
      : inLanguage(`第 ${k} 层已太大`, `too large at layer ${k}`);
  }

  function show() {
    values[1] = Math.round(values[1]);
    values[2] = Math.round(values[2]);
    const [g, last, which] = values;
    const amplified = (logs) => logs.map((log, k) => log + k * Math.log10(g));
    const walks = networks[which].map(amplified);
    const [typical, upper] = [medians[which], bound].map(amplified);
    faint.setAttribute("d", walks.map((walk) => path(walk, last)).join(""));
    most.setAttribute("d", path(upper, last));
    middle.setAttribute("d", path(typical, last));
    end.setAttribute("cx", x(last).toFixed(1));
    end.setAttribute("cy", y(typical[last]).toFixed(1));
    const late = last > DEPTH / 2; // then the names stand to the left of the lines
    const beside = (words, logs, share, up, colour) => {
      const seen = logs.filter((log, k) => k <= last && Math.abs(log) < MOST - 1).length - 1;
      const k = Math.round(share * seen);
      return text(words, LEFT + x(k) + (late ? -8 : 8), TOP + y(logs[k]) + up,
        late ? "end" : "start", colour);
    };
    names.replaceChildren(
      beside(inLanguage("上界", "bound"), upper, 1, -14, "soft"),
      beside(inLanguage("中位数", "median"), typical, late ? 0.7 : 1,
        late && g > critical() ? -12 : 14, "ink"));
    gain.show(g, number(g, 3));
    depth.show(last, `${last} ${last === 1 ? inLanguage("层", "layer") : STEPS}`);
    radios.forEach(({ input }, activation) => (input.checked = activation === which));
    const ends = at(walks, last);
    readout.show({
      median: length(typical[last]),
      range: `${length(Math.min(...ends))}, ${length(Math.max(...ends))}`,
      bound: length(upper[last]),
      layer: `× ${number(10 ** (typical[last] / last), 3)}`,
      critical: number(critical(), 3),
      window: `${number(gainFor(-3), 3)} – ${number(gainFor(3), 3)}`,
      float16: beyond(typical.slice(0, last + 1)),
    });
    save();
  }

  live.stand("gain", inLanguage("增益、深度与梯度长度", "Gain, depth and the length of the gradient"),
    picture, html("div", { class: "live-controls" },
      html("fieldset", {}, html("legend", {}, inLanguage("激活函数", "Activation")),
        ...radios.map(({ label }) => label)),
      gain.label, depth.label, html("div", { class: "live-buttons" }, balance), readout.list));
  show();
})();
