//! What the sample's posts say. Written for this sample; the topics and moments repeat as in a real journal.

/// A post of the sample.
pub struct Sample {
    /// Title and body in Chinese; both empty when the post has no such side yet.
    pub zh: (&'static str, &'static str),
    /// Title and body in English; both empty when the post has no such side yet.
    pub en: (&'static str, &'static str),
    /// Names of photos, the cover first, each with what it shows in Chinese and English.
    pub photos: &'static [(&'static str, &'static str, &'static str)],
    /// Width by height of the cover.
    pub aspect: f32,
    /// Seconds of its clip; 0 for none.
    pub clip: u32,
    /// Topics.
    pub topics: &'static [&'static str],
    /// Where it was.
    pub place: Option<&'static str>,
}

/// The posts, newest first. A static, so that each has one address by which it is told from the others.
pub static SAMPLES: &[Sample] = &[
    Sample {
        zh: (
            "湖边的小船",
            "下班以后一个人去了湖边，船都靠岸了。\n\n管船的大爷问我要不要坐最后一班，我说明天吧。他说：“明天有明天的船。”",
        ),
        en: (
            "Little boats by the lake",
            "I went to the lake alone after work. All the boats were in.\n\nThe old man who keeps them asked if I wanted the last ride. “Tomorrow,” I said. He said: “Tomorrow has tomorrow's boats.”",
        ),
        photos: &[
            ("EveningGlow", "黄昏时靠岸的一排小船", "A row of small boats on the shore at dusk"),
            ("BytheWater", "湖边的木栈道", "A wooden pier by the lake"),
            ("ColdRipple", "雾里的码头", "A jetty in the fog"),
            ("DarkestHour", "深蓝色的湖面", "The lake, deep blue"),
        ],
        aspect: 1.03,
        clip: 0,
        topics: &["湖", "下班以后"],
        place: Some("杭州西湖"),
    },
    Sample {
        zh: ("第一次做英语作业", "她帮我改了时态，我帮她改了声调。我们都觉得对方的语言更难。"),
        en: (
            "My first English homework",
            "She fixed my tenses and I fixed her tones. Each of us thinks the other language is harder.",
        ),
        photos: &[("FallenLeaf", "一片枫叶", "A maple leaf on the ground")],
        aspect: 0.97,
        clip: 8,
        topics: &["学习打卡"],
        place: None,
    },
    Sample {
        zh: ("放风筝", "风很大，线很长。"),
        en: ("Flying a kite", "A strong wind and a long line."),
        photos: &[("Kite", "蓝天上的彩色风筝", "A bright kite in a blue sky")],
        aspect: 1.28,
        clip: 0,
        topics: &["周末"],
        place: None,
    },
    Sample {
        zh: (
            "奶茶店怎么点单",
            "三分糖、去冰 — “30% sugar, no ice”。\n\n常温是 room temperature，加珍珠是 with pearls，打包是 to go。",
        ),
        en: (
            "How to order milk tea",
            "三分糖、去冰 — “30% sugar, no ice”.\n\n常温 is room temperature, 加珍珠 is with pearls, 打包 is to go.",
        ),
        photos: &[
            ("ColorfulCups", "很多彩色的杯子", "Many colourful cups"),
            ("Aqua", "水滴落下", "A falling drop of water"),
            ("FreshFlower", "橙色的花瓣", "Orange petals"),
            ("YellowFlower", "黄色的花", "A yellow flower"),
            ("Garden", "花园里的万寿菊", "A marigold in a garden"),
            ("Blinds", "绿叶的纹理", "The veins of a green leaf"),
        ],
        aspect: 0.81,
        clip: 0,
        topics: &["tea", "学习打卡"],
        place: None,
    },
    Sample {
        zh: ("凌晨一点的夏天", "睡不着，就看着天慢慢变成紫色。"),
        en: ("Summer, 1 a.m.", "I could not sleep, so I watched the sky turn violet."),
        photos: &[("summer_1am", "紫色的夜空和水面", "A violet night sky over water")],
        aspect: 1.22,
        clip: 0,
        topics: &["夜"],
        place: None,
    },
    Sample {
        zh: ("", ""),
        en: ("A dandelion, up close", "No Chinese side yet. What is the word for these little parachutes?"),
        photos: &[("TwoWings", "蒲公英的种子", "Two dandelion seeds")],
        aspect: 1.25,
        clip: 0,
        topics: &["garden"],
        place: None,
    },
    Sample {
        zh: ("海边的草", "骑车到海边要四十分钟，回来要一个小时，因为逆风。"),
        en: ("Grass by the sea", "It is forty minutes to the sea by bike and an hour back, because of the wind."),
        photos: &[("Dune", "沙丘上的草", "Tall grass on a dune")],
        aspect: 0.9,
        clip: 0,
        topics: &["周末", "bike"],
        place: Some("Brighton"),
    },
    Sample {
        zh: ("瓢虫来做客", "它在叶子上走了三圈，然后飞走了。"),
        en: ("A ladybird came to visit", "It walked three rounds on the leaf and flew away."),
        photos: &[("LadyBird", "叶子上的瓢虫", "A ladybird on a stem")],
        aspect: 1.5,
        clip: 0,
        topics: &["garden"],
        place: None,
    },
    Sample {
        zh: ("森林里的小路", "妈妈打电话来问：“吃了吗？”我在森林里说：“吃了。”其实还没有。"),
        en: (
            "A path in the forest",
            "Mum called: “Have you eaten?” In the middle of the forest I said yes. I had not.",
        ),
        photos: &[
            ("Path", "森林里的小路", "A path between tall trees"),
            ("RainDrops", "叶子上的雨珠", "Raindrops on leaves"),
        ],
        aspect: 0.78,
        clip: 0,
        topics: &["家"],
        place: None,
    },
    Sample {
        zh: ("雨后", "雨停了，叶子上的水珠一颗一颗的，像没说完的话。"),
        en: ("", ""),
        photos: &[("RainDrops", "叶子上的雨珠", "Raindrops on leaves")],
        aspect: 1.33,
        clip: 0,
        topics: &["雨"],
        place: None,
    },
    Sample {
        zh: ("暴风雨要来了", "高速上只有我们一辆车。广播里说今晚有雨。"),
        en: ("A storm is coming", "Ours was the only car on the motorway. The radio said rain tonight."),
        photos: &[("Storm", "公路上的乌云", "Dark clouds over a road")],
        aspect: 1.6,
        clip: 6,
        topics: &["路上"],
        place: None,
    },
    Sample {
        zh: ("码头上的早晨", "一年前的今天第一次来这里。"),
        en: ("Morning on the pier", "A year ago today I came here for the first time."),
        photos: &[("BytheWater", "湖边的木栈道", "A wooden pier by the lake")],
        aspect: 1.2,
        clip: 0,
        topics: &["湖"],
        place: Some("杭州西湖"),
    },
    Sample {
        zh: (
            "今天学到的词",
            "“顺其自然”：let nature take its course。\n“马马虎虎”：so-so，不是 horse horse tiger tiger。",
        ),
        en: (
            "Words I learned today",
            "顺其自然: let nature take its course.\n马马虎虎: so-so, not “horse horse tiger tiger”.",
        ),
        photos: &[],
        aspect: 1.0,
        clip: 0,
        topics: &["学习打卡", "words"],
        place: None,
    },
    Sample {
        zh: ("雾里的码头", "什么都看不见的时候，声音就清楚了。"),
        en: ("A jetty in the fog", "When nothing can be seen, sounds become clear."),
        photos: &[("ColdRipple", "雾里的码头", "A jetty in the fog")],
        aspect: 1.4,
        clip: 0,
        topics: &["湖"],
        place: None,
    },
    Sample {
        zh: ("阳台上的花开了", "去年秋天种的，我都忘了。"),
        en: ("Flowers on the balcony", "Planted last autumn and forgotten. They did not forget."),
        photos: &[
            ("YellowFlower", "黄色的花", "A yellow flower"),
            ("FreshFlower", "橙色的花瓣", "Orange petals"),
            ("Garden", "万寿菊", "A marigold"),
        ],
        aspect: 0.85,
        clip: 0,
        topics: &["garden", "家"],
        place: None,
    },
    Sample {
        zh: ("一棵树", "画画的人说：先画影子。"),
        en: ("One tree", "The painter said: draw the shadow first."),
        photos: &[("Autumn", "一棵大树下的小人", "A small figure under a big tree")],
        aspect: 1.1,
        clip: 0,
        topics: &["画"],
        place: None,
    },
    Sample {
        zh: ("与众不同", "红的那一个是我。"),
        en: ("One stands out", "The red one is me."),
        photos: &[("OneStandsOut", "许多里的一个", "One among many")],
        aspect: 0.95,
        clip: 0,
        topics: &["周末"],
        place: None,
    },
    Sample {
        zh: ("给外婆的信", "外婆不会用手机，所以我把照片打印出来寄给她。她回信说：字太小了，人都好看。"),
        en: (
            "A letter to Grandma",
            "Grandma does not use a phone, so I print the pictures and post them. She wrote back: the letters are too small, the people all look well.",
        ),
        photos: &[],
        aspect: 1.0,
        clip: 0,
        topics: &["家"],
        place: None,
    },
    Sample {
        zh: ("夜里的湖", "最黑的时候，水是蓝色的。"),
        en: ("The lake at night", "At the darkest hour the water is blue."),
        photos: &[("DarkestHour", "深蓝色的湖面", "The lake, deep blue")],
        aspect: 1.5,
        clip: 0,
        topics: &["湖", "夜"],
        place: None,
    },
    Sample {
        zh: ("草地", "躺下来，天就变大了。"),
        en: ("The lawn", "Lie down and the sky gets bigger."),
        photos: &[("GreenMeadow", "嫩绿的草", "Fresh green grass")],
        aspect: 0.8,
        clip: 0,
        topics: &["周末"],
        place: None,
    },
];
