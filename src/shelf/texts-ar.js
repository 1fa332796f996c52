/** The shelf's texts in Arabic, from right to left. */
/** @type {import('../types/shelf-texts.js').ShelfTexts} */
export const TEXTS_AR = {
  language: 'ar',
  direction: 'rtl',

  shelf: 'التنزيلات',
  running: (count) => (count === 1 ? 'تنزيل واحد قيد التشغيل' : `التنزيلات الجارية: ${count}`),
  minimize: 'تصغير التنزيلات',
  restore: 'عرض التنزيلات',
  clear: 'إزالة المكتملة',

  pause: 'إيقاف مؤقت',
  resume: 'استئناف',
  cancel: 'إلغاء',
  undo: 'تراجع',
  retry: 'إعادة المحاولة',
  dismiss: 'إزالة',
  files: (count) => `الملفات: ${count}`,
  more: 'عرض المزيد',
  impossible: 'لم ينجح ذلك.',
  actionOn: (action, title) => `${action}: ${title}`,

  starting: 'جارٍ البدء…',
  downloading: 'جارٍ التنزيل',
  uploading: 'جارٍ الرفع',
  resuming: 'جارٍ الاستئناف…',
  paused: 'متوقف مؤقتًا',
  waiting: 'في انتظار الشبكة',
  verifying: 'جارٍ فحص الملفات…',
  handing: 'جارٍ التسليم إلى التطبيق…',
  cancelling: 'أُلغي',
  success: 'اكتمل',
  failure: 'فشل',
  failures: {
    aborted: 'أُلغي التنزيل.',
    'bad-status': 'رفض الخادم أحد الملفات أو لم يعد لديه.',
    'fetch-error': 'لم يصل أحد الملفات أو لم يكن الملف الصحيح.',
    'quota-exceeded': 'لا توجد مساحة كافية على هذا الجهاز.',
    'download-total-exceeded': 'الملفات أكبر مما توقعه التطبيق.',
  },

  ofTotal: (done, total) => `${done} من ${total}`,
  perSecond: (size) => `${size}/ث`,
  timeLeft: (time) => `باقٍ ${time}`,

  onlyWhileOpen: 'تستمر التنزيلات ما دامت إحدى صفحات هذا الموقع مفتوحة.',
  storage: (used, free) => `المستخدم ${used}، المتاح ${free}`,
  persist: 'الاحتفاظ بالتنزيلات عند نقص المساحة',

  announceStart: (title) => `بدأ التنزيل: ${title}`,
  announceShare: (title, percent) => `${title}: ${percent}`,
  announceSuccess: (title) => `اكتمل التنزيل: ${title}`,
  announceFailure: (title, why) => `فشل التنزيل: ${title}. ${why}`,
  announcePaused: (title) => `توقف مؤقتًا: ${title}`,
};
