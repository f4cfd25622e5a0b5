// A small bilingual journal to look at while developing and testing. Only words and shapes; no journal behaviour.

export interface Sample {
  zh?: [title: string, body: string];
  en?: [title: string, body: string];
  topics: string[];
  /** Height divided by width of each picture. */
  photos: number[];
  /** Length of a clip in seconds. */
  clip?: number;
  /** Where it went: the number of feeds that have it, or what it waits for. */
  sent: 'no' | 'blog' | 'two' | 'waiting' | 'needs_you';
}

export const SAMPLES: Sample[] = [
  {
    zh: ['湖边的小船', '下班以后一个人去了湖边，船都靠岸了。\n\n水很静，风也很轻。'],
    en: [
      'Little boats by the lake',
      'After work I went to the lake alone. All the boats had come in.\n\nThe water was still.',
    ],
    topics: ['湖', 'evening'],
    photos: [0.97],
    sent: 'blog',
  },
  {
    zh: ['第一次做英语作业', '她改了我的时态，我改了她的声调。'],
    en: ['My first English homework', 'She fixed my tenses and I fixed her tones.'],
    topics: ['学习打卡'],
    photos: [1.03],
    clip: 42,
    sent: 'waiting',
  },
  { zh: ['放风筝', ''], en: ['Flying a kite', ''], topics: ['春天'], photos: [0.78], sent: 'no' },
  {
    zh: [
      '奶茶店怎么点单',
      '三分糖、去冰。\n\n第一步，先选杯型：大杯还是中杯？\n第二步，选甜度。“三分糖”就是百分之三十的糖。',
    ],
    en: [
      'How to order milk tea',
      '“30% sugar, no ice”.\n\nStep one, choose a size: large or medium?\nStep two, choose the sweetness.',
    ],
    topics: ['奶茶', 'tea'],
    photos: [1.23, 1, 1.33, 0.75, 1, 1],
    sent: 'two',
  },
  {
    zh: ['凌晨一点的夏天', '这里的夏天，天不会完全黑。'],
    en: ['Summer, 1 a.m.', 'Summer here never gets fully dark.'],
    topics: ['summer'],
    photos: [0.82],
    sent: 'blog',
  },
  {
    zh: ['海边的草', '风把草吹成一个方向，像在听谁讲话。'],
    en: ['Grass by the sea', 'The wind leans all of it one way, as if it were listening to somebody.'],
    topics: ['sea'],
    photos: [1.32],
    sent: 'blog',
  },
  { en: ['A dandelion, up close', ''], topics: ['macro'], photos: [0.7], sent: 'no' },
  {
    zh: ['森林里的路', '走了三个小时，没有信号，很安静。路上只遇到一只狐狸。'],
    en: ['A path in the woods', 'Three hours of walking without a signal. It was quiet; I met only a fox.'],
    topics: ['walk'],
    photos: [1.18, 0.75],
    sent: 'needs_you',
  },
  {
    zh: ['瓢虫', '它在叶子上停了很久。'],
    en: ['Ladybird', 'It sat on the leaf for a long while.'],
    topics: ['macro', '春天'],
    photos: [0.66, 1],
    sent: 'two',
  },
  {
    zh: ['要下雨了', '风忽然大了，天也黑了。'],
    en: ['Rain is coming', 'Suddenly the wind rose, and the sky went dark.'],
    topics: ['学习打卡'],
    photos: [0.68],
    clip: 12,
    sent: 'no',
  },
  {
    zh: ['外婆的红烧肉', '小火炖两个小时，不要着急。酱油先放一半，糖最后放。'],
    en: ['Grandma’s braised pork', 'Two hours on a low flame, no hurry. Half of the soy sauce first, the sugar last.'],
    topics: ['kitchen', '家'],
    photos: [1.33, 1.33, 0.75],
    sent: 'two',
  },
  { zh: ['今天学的词', '“将就”和“讲究”差一个字，差一辈子。'], topics: ['学习打卡'], photos: [], sent: 'no' },
  {
    en: ['Words I keep mixing up', 'borrow and lend; bring and take; say and tell. Tomorrow: make and do.'],
    topics: ['学习打卡'],
    photos: [],
    sent: 'no',
  },
  {
    zh: ['凌晨的菜市场', '四点半，灯一盏一盏亮起来。卖豆腐的阿姨说，再晚就没有了。'],
    en: ['The market before dawn', 'Half past four, the lamps come on one by one.'],
    topics: ['city'],
    photos: [0.66, 0.66, 1.5],
    sent: 'blog',
  },
  {
    zh: ['火车上的六个小时', '窗外先是稻田，然后是隧道，然后是海。'],
    en: ['Six hours on a train', 'First rice fields, then tunnels, then the sea.'],
    topics: ['train'],
    photos: [0.56],
    clip: 63,
    sent: 'waiting',
  },
  {
    zh: ['猫睡在键盘上', '今天的作业是它交的。'],
    en: ['The cat slept on the keyboard', 'Today’s homework is by her.'],
    topics: ['cat'],
    photos: [1.33],
    sent: 'no',
  },
  {
    zh: ['重庆的楼梯', '导航说到了，可是还有八层楼。'],
    en: ['Stairs of Chongqing', 'The map says I have arrived. There are eight floors to go.'],
    topics: ['city'],
    photos: [1.5, 1.5],
    sent: 'blog',
  },
  {
    zh: ['中秋的月亮', '妈妈在视频那头，也在看同一个。'],
    en: ['The mid-autumn moon', 'On the other side of the call my mother looks at the same one.'],
    topics: ['家'],
    photos: [1],
    sent: 'two',
  },
  { en: ['First snow', 'It did not stay, but everybody went out.'], topics: ['winter'], photos: [0.75], sent: 'no' },
  {
    zh: ['旧书店', '老板说，这本书等了你十一年。'],
    en: ['The second-hand bookshop', 'The owner said: this book has waited eleven years for you.'],
    topics: ['books'],
    photos: [1.25],
    sent: 'blog',
  },
  {
    zh: ['码头上的早晨', '雾还没有散，木板是湿的。'],
    en: ['Morning on the pier', 'The fog had not lifted and the planks were wet.'],
    topics: ['湖'],
    photos: [0.65],
    sent: 'two',
  },
  {
    zh: ['包饺子', '一人一种包法，煮出来都一样香。'],
    en: ['Making dumplings', 'Everybody folds them differently; they all taste right.'],
    topics: ['kitchen'],
    photos: [0.75, 1, 1, 1],
    sent: 'two',
  },
  {
    zh: ['练习一分钟自我介绍', '你好，我叫马克，我在成都住了两年。'],
    en: ['Introducing myself in one minute', 'Recorded four times; this is the third.'],
    topics: ['学习打卡'],
    photos: [1.78],
    clip: 58,
    sent: 'waiting',
  },
  {
    zh: ['阳台上的番茄', '第一颗红了。'],
    en: ['Tomatoes on the balcony', 'The first one is red.'],
    topics: ['garden'],
    photos: [1.2],
    sent: 'no',
  },
];
