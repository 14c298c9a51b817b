import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router'
import { useSession } from './stores/session'
import 'element-plus/es/components/message/style/css'
import 'element-plus/es/components/message-box/style/css'
import './styles/theme.css'

const app = createApp(App)
app.use(createPinia())
useSession().restore()
app.use(router)
app.mount('#app')
