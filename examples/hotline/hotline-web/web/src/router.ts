/** Pages; each is its own chunk. */

import { createRouter, createWebHistory } from 'vue-router'
import { useSession } from '@/stores/session'

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('@/views/SignIn.vue') },
    {
      path: '/',
      component: () => import('@/layout/Shell.vue'),
      redirect: '/desktop',
      children: [
        { path: 'desktop', name: 'desktop', component: () => import('@/views/Desktop.vue') },
        { path: 'waiting', name: 'waiting', component: () => import('@/views/Waiting.vue'), meta: { supervises: true } },
        { path: 'call-records', name: 'call-records', component: () => import('@/views/CallRecords.vue') },
        { path: 'statistics', name: 'statistics', component: () => import('@/views/Statistics.vue') },
        { path: 'recordings', name: 'recordings', component: () => import('@/views/Recordings.vue') },
        { path: 'messages', name: 'messages', component: () => import('@/views/Messages.vue') },
        { path: 'tickets', name: 'tickets', component: () => import('@/views/Tickets.vue') },
        { path: 'tickets/:no', name: 'ticket', component: () => import('@/views/TicketDetail.vue'), props: true },
        { path: 'flows', name: 'flows', component: () => import('@/views/Flows.vue'), meta: { supervises: true } },
        { path: 'flows/:id', name: 'flow', component: () => import('@/views/FlowEditor.vue'), props: true, meta: { supervises: true } },
        { path: 'prompts', name: 'prompts', component: () => import('@/views/Prompts.vue'), meta: { supervises: true } },
        { path: 'routing', name: 'routing', component: () => import('@/views/Routing.vue'), meta: { administers: true } },
        { path: 'setup', name: 'setup', component: () => import('@/views/Setup.vue'), meta: { supervises: true } },
        { path: 'alarms', name: 'alarms', component: () => import('@/views/Alarms.vue') },
      ],
    },
    { path: '/:rest(.*)*', redirect: '/desktop' },
  ],
})

router.beforeEach((to) => {
  const session = useSession()
  if (!session.user && to.name !== 'sign-in') {
    return { name: 'sign-in', query: to.fullPath === '/desktop' ? {} : { from: to.fullPath } }
  }
  if (to.meta.supervises && !session.supervises) return { name: 'desktop' }
  if (to.meta.administers && !session.administers) return { name: 'desktop' }
  if (session.user && to.name === 'sign-in') return { name: 'desktop' }
  return true
})
