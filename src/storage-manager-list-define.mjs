/** Entry point `background-fetch-polyfill/storage-manager/list/define`: registers `<storage-manager-list>`. */
import { defineStorageManagerList } from './storage-manager-list.mjs';

defineStorageManagerList();
