#include "kilm/languages/sentence_rules.h"

#include <algorithm>
#include <unordered_map>

#include "kilm/text/characters.h"

namespace kilm::languages {

namespace {

enum class Ordinals : bool { plain, stopped };  // stopped: 3. is the third

// Abbreviations are in lower case without their last full stop; one of several words as its last two: "z. b". Single
// letters shorten a word in each language but English.
struct Row {
  std::string_view languages;  // codes with a space between
  Ordinals ordinals;
  std::string_view within;     // behind them a sentence goes on
  std::string_view at_ends;    // behind them a sentence may end: it does if one of `beginners` follows
  std::string_view beginners;  // words that often begin a sentence, as written there
  bool east_asian = false;
};

constexpr Row kRows[] = {
    {"en simple sco", Ordinals::plain,
     "st,ste,dr,mr,mrs,ms,mx,prof,rev,hon,fr,gen,col,capt,cpt,lt,sgt,maj,cmdr,adm,gov,sen,rep,pres,messrs,mme,mlle,c,"
     "ca,cf,fl,r,b,d,vs,v,viz,approx,nos,vol,vols,pp,p,ed,eds,ch,fig,figs,mt,mts,ft,feat,jan,feb,mar,apr,jun,jul,aug,"
     "sep,sept,oct,nov,dec,lit,lat,ger,gr,heb,ital,span,pl,sing,abbr,abbrev,pron,est,m,née,i.e,e.g,a.k.a,op,arr,"
     "trans,tr,dept,univ,assoc,bros,var,subsp,ssp,sp,spp,cv,syn,incl,esp,orig,min,max,gov't,fem,masc,dim,cap,pop,alt,"
     "sec,art",
     "inc,ltd,co,corp,jr,sr,esq,etc,al,plc,bc,ad,ph.d,no",
     "The,It,He,She,They,In,This,A,An,His,Her,Its,Their,As,On,At,Since,From,For,With,By,These,Those,There,After,"
     "Although,While,When,If,But,And,Some,Many,Most,During,Today,However,Other,We,One,Both,Each,That,Such,Also,"
     "Because,Before,Until,Under,To"},
    {"de als bar gsw ksh lb nds pdc pfl stq frr hsb dsb", Ordinals::stopped,
     "z. b,d. h,u. a,i. d,s. o,v. a,z. t,o. g,m. e,i. a,d. i,sog,ca,dr,prof,st,hl,nr,bd,bde,str,dt,röm,griech,lat,"
     "engl,frz,franz,ital,span,russ,poln,tschech,ungar,türk,arab,hebr,niederl,österr,schweiz,schwed,dän,norw,bayer,"
     "jap,chin,amerik,brit,bzw,vgl,geb,gest,verh,gegr,ehem,eigtl,insb,insbes,inkl,exkl,einschl,evtl,ggf,allg,abk,"
     "kath,ev,evang,jan,feb,febr,mär,apr,jul,aug,sept,okt,nov,dez,dipl,ing,hr,fr,frl,kgl,königl,kap,abs,abb,abt,aufl,"
     "hrsg,sp,tel,tsd,ungef,urspr,wiss,phil,jur,theol,rer,nat,habil,lt,op,feat,vs,zw,mind",
     "usw,etc,mio,mrd,chr,v. chr,n. chr,co,inc,ltd,jun,jr,sen,u. ä,u. dgl,max,min,med,mag,gen,jh,jhd,jhdt",
     "Der,Die,Das,Er,Sie,Es,Ein,Eine,Im,In,Am,An,Auf,Aus,Bei,Mit,Nach,Seit,Von,Vor,Zu,Zum,Zur,Als,Sein,Seine,Ihr,"
     "Ihre,Dort,Dies,Diese,Dieser,Dieses,Damit,Danach,Heute,Durch,Für,Unter,Während,Auch,Da,Dabei,Daher,Darüber,Hier,"
     "Bis,Ab,Obwohl,Wenn,Wegen,Über,Man,Wir,Ich,Beide,Viele,Später,Bereits,Ebenso,Jedoch,Außerdem,Zwischen"},
    {"nl li vls zea fy af", Ordinals::plain,
     "dr,drs,ir,ing,mr,mevr,mw,dhr,prof,st,nr,ca,blz,bijv,bv,d.w.z,o.a,m.a.w,v.d,o. a,t. a,ned,lat,gr,eng,fr,du,jhr,"
     "ds,kol,kapt,lt,jan,feb,febr,mrt,apr,aug,sept,okt,nov,dec,geb,gest,afb,hfst,vgl,resp,inl,feat,vs,ong",
     "enz,etc,jr,sr,v. chr,n. chr,chr,co,mln,mld,inc,ltd,gen,max,min,art",
     "De,Het,Een,Hij,Zij,Ze,In,Op,Van,Na,Voor,Met,Door,Bij,Als,Deze,Dit,Die,Dat,Er,Zijn,Haar,Hun,Om,Aan,Sinds,Tot,"
     "Ook,Toen,Tijdens,Naast,Daarna,Hierna,Later,Vanaf,Volgens,Onder,Over,Maar,En"},
    {"sv", Ordinals::plain,
     "bl. a,t. ex,d. v,bl,s. k,m. m,f. d,dr,prof,st,nr,ca,c:a,sid,lat,eng,fr,ty,jan,feb,febr,mar,apr,jun,jul,aug,"
     "sept,okt,nov,dec,jfr,resp,inkl,kungl,kgl,feat,vs,tidig,förk",
     "etc,osv,kr,f.kr,e.kr,jr,sr,co,milj,mfl,m. fl,dyl,o. dyl,inc,ltd,ex,kap,max",
     "Den,Det,De,Han,Hon,En,Ett,I,På,Av,Efter,Från,Med,Vid,För,Under,Som,Denna,Detta,Dessa,Hans,Hennes,Dess,Sedan,"
     "Till,År,Även,Där,När,Då,Om,Men,Och,Man,Vi,Senare,Enligt,Genom,Idag,Många"},
    {"da no nb nn fo", Ordinals::stopped,
     "bl. a,f. eks,d. v,eks,bl,ca,dr,prof,st,skt,sankt,nr,kap,jan,feb,febr,mar,apr,jun,jul,aug,sept,sep,okt,nov,dec,"
     "des,lat,eng,fr,ty,kgl,jf,jfr,vedr,evt,ekskl,inkl,hhv,maks,mht,oberst,feat,vs,s. k,såk",
     "etc,osv,kr,f.kr,e.kr,jr,sr,co,mio,mia,mill,mrd,m. fl,m. v,o. l,inc,ltd,gen",
     "Den,Det,De,Han,Hun,Ho,En,Et,Ein,Eit,I,På,Av,Af,Etter,Efter,Fra,Frå,Med,Ved,For,Under,Som,Denne,Dette,Disse,"
     "Hans,Hendes,Hennes,Siden,Sidan,Til,Der,Da,Når,Om,Men,Og,Man,Vi,Senere,Ifølge,Gjennom,Gennem,Også,Mange,Ifølgje"},
    {"is", Ordinals::stopped,
     "t. d,þ. e,m. a,s. s,þ.e,t.d,m.a,dr,prof,nr,bls,kr,jan,feb,mar,apr,jún,júl,ágú,sept,okt,nóv,des,sbr,lat",
     "o.s.frv,f.kr,e.kr,o.fl,jr,sr",
     "Hann,Hún,Það,Þeir,Þær,Þau,Í,Á,Með,Eftir,Frá,Þessi,Þetta,Þar,Þegar,Til,Við,Um,Sá,En,Og"},
    {"fr wa oc frp pcd nrm ht gcr", Ordinals::plain,
     "apr,chap,vol,mm,mme,mmes,mlle,mlles,mgr,dr,pr,prof,st,ste,sts,stes,cie,no,nos,pp,env,ca,cf,fig,éd,éds,coll,"
     "trad,dir,lat,gr,angl,ital,esp,arr,dép,dépt,boul,bd,janv,févr,avr,juil,oct,nov,déc,fl,lt,p. ex,c. à,c.-à-d,tél,"
     "max,min,feat,vs,op,var,subsp,sp,né,mss,ms,suppl,rééd",
     "etc,j.-c,jr,sr,inc,ltd,co,m. y,av,me,art,hab,all,sept,gén,col,cap,ex",
     "Le,La,Les,L,Il,Elle,Ils,Elles,Un,Une,Des,En,Dans,À,Au,Aux,Ce,Cet,Cette,Ces,Son,Sa,Ses,Leur,Leurs,De,Du,D,Par,"
     "Pour,Avec,Après,Avant,Depuis,Sur,Sous,Selon,On,Nous,Mais,Et,Lors,Pendant,Si,Comme,Plusieurs,Certains,C,Entre,"
     "Vers"},
    {"es an ast ext lad gn ay qu gl", Ordinals::plain,
     "sra,srta,sres,dr,dra,dres,prof,profa,lic,ing,arq,gral,cnel,tte,sto,sta,fr,mons,excmo,excma,ilmo,av,avda,avd,"
     "ctra,pza,pl,núm,núms,nº,no,vol,vols,pág,págs,pp,fig,figs,ed,eds,aprox,ca,cf,cfr,vid,ej,p. ej,lat,gr,ingl,ene,"
     "feb,abr,jun,jul,ago,sep,sept,oct,nov,dic,dpto,depto,prov,hab,tel,máx,mín,feat,vs,op,cit,ee,ff,trad,univ,admón,"
     "ss,rr,dd,jj,mm",
     "etc,uu,ee. uu,ee.uu,hnos,cía,ltda,inc,ltd,co,jr,sr,aa,jj. oo,ff. aa,a. c,d. c,a.c,d.c,cap,art,mar,set",
     "El,La,Los,Las,Lo,Un,Una,Es,En,Fue,Su,Sus,Se,De,Del,Con,Por,Para,Al,A,Este,Esta,Estos,Estas,Tras,Desde,Durante,"
     "Luego,Después,Entre,Según,Como,Cuando,También,Aunque,Pero,Y,No,Está,Tiene,Era,Hay,Ha,Él,Ella,Ellos,Sin,Otro,"
     "Otros,Además,Hasta,Sobre,Más,Si,Ese,Esa,Foi,O,Os,Unha,Na,Do,Da"},
    {"pt mwl", Ordinals::plain,
     "sra,srs,dr,dra,drs,prof,profa,eng,arq,gal,gen,cel,sto,sta,mons,exmo,exma,av,pç,rod,núm,vol,vols,pág,págs,pp,"
     "art,fig,figs,ed,eds,aprox,ca,cf,ex,p. ex,lat,gr,ing,fr,jan,fev,abr,mai,jun,jul,ago,out,nov,dez,depto,hab,tel,"
     "máx,mín,feat,vs,op,cit,trad,univ,séc,fl,tb,esp",
     "etc,cia,ltda,inc,ltd,co,jr,sr,eua,a. c,d. c,a.c,d.c,e.u.a,cap,ten,al,org,mar,set",
     "O,A,Os,As,Um,Uma,É,Em,No,Na,Nos,Nas,Foi,Seu,Sua,Seus,Suas,Se,De,Do,Da,Dos,Das,Com,Por,Para,Ao,Este,Esta,Esse,"
     "Essa,Após,Desde,Durante,Depois,Entre,Segundo,Como,Quando,Também,Embora,Mas,E,Não,Está,Tem,Era,Há,Ele,Ela,Eles,"
     "Elas,Sem,Outro,Outros,Além,Até,Sobre,Mais,Pelo,Pela"},
    {"it co lmo nap pms scn vec lij eml fur rgn", Ordinals::plain,
     "sig,sigg,sig.ra,dott,dott.ssa,dr,prof,prof.ssa,avv,ing,arch,sen,gen,magg,mons,rev,card,ss,st,fr,vol,voll,pag,"
     "pagg,pp,art,artt,fig,figg,ed,ca,cfr,cf,lat,gr,ingl,ted,franc,genn,feb,febb,apr,mag,giu,lug,ago,sett,ott,nov,"
     "dic,tel,max,min,feat,vs,op,ad es,p. es,trad,num,nn,abit,ab,circ,prov,geom,rag,spett,egr",
     "ecc,etc,s.p.a,s.r.l,spa,srl,jr,sr,inc,ltd,co,a. c,d. c,a.c,d.c,on,col,cap,ten,sp,mar,set,es",
     "Il,Lo,La,I,Gli,Le,L,Un,Uno,Una,È,In,Nel,Nella,Nei,Fu,Ha,Si,Di,Del,Della,Dal,Dalla,Da,Con,Per,A,Al,Alla,Suo,Sua,"
     "Suoi,Questo,Questa,Questi,Dopo,Durante,Tra,Fra,Secondo,Come,Quando,Anche,Ma,E,Non,Era,Egli,Ella,Essa,Esso,Lui,"
     "Lei,Su,Sul,Sulla,Se,Oltre,Successivamente"},
    {"ca", Ordinals::plain,
     "sra,dr,dra,prof,st,sta,av,avda,pl,núm,nús,vol,vols,pàg,pàgs,pp,fig,ed,aprox,ca,cf,ex,p. ex,lat,gr,gen,febr,abr,"
     "jul,ag,set,oct,nov,des,hab,tel,màx,mín,feat,vs,op,trad,univ,cia,ee",
     "etc,uu,ee. uu,ltd,inc,jr,sr,a. c,d. c,ac,dc,art",
     "El,La,Els,Les,L,Un,Una,És,En,Fou,Va,Seu,Es,De,Del,Amb,Per,A,Al,Aquest,Aquesta,Després,Des,Durant,Entre,Segons,"
     "Com,Quan,També,Però,I,No,Està,Té,Era,Hi,Ha,Ell,Ella,Sobre,Més,Si"},
    {"ro mo", Ordinals::plain,
     "dl,dna,dr,prof,ing,arh,col,cpt,lt,sf,pr,nr,str,bd,jud,com,vol,pag,pp,art,fig,ed,cca,ca,cf,ex,lat,gr,engl,fr,"
     "ian,feb,mar,apr,iun,iul,aug,sept,oct,noi,dec,loc,tel,feat,vs,op,trad,univ",
     "etc,hr,î. hr,d. hr,î.hr,d.hr,ș.a,inc,ltd,jr,e. n,î.e.n,e.n,gen,max,min",
     "El,Ea,Ei,Un,O,Este,În,La,A,Al,De,Din,Cu,Pe,Prin,Pentru,După,Acest,Această,Aceasta,Acesta,Când,Dar,Și,Se,Fost,"
     "Are,Sa,Ca,Într,Între,Conform"},
    {"ru ba tt cv os sah udm mhr mrj myv mdf kv ce av lez ab tg ky kk mn uz tyv bxr", Ordinals::plain,
     "ул,обл,пос,дер,им,рус,нем,англ,фр,франц,лат,греч,др.-греч,итал,исп,польск,укр,белор,тат,яп,кит,араб,евр,монг,"
     "каз,ок,изд,напр,св,свв,проф,акад,доц,полк,гос,наст,ср,стр,рис,табл,гл,кн,вып,оз,о-в,пл,просп,наб,бул,ж.-д,дж,"
     "тов,гр,т. е,т. н,т. к,т.е,т.н,т.к,букв,сокр,совр,устар,янв,февр,мар,апр,июн,июл,авг,сент,окт,нояб,дек,ст,чл,"
     "корр,чл.-корр,рожд,урожд,собств,ориг,назв,тыс. чел,нар,засл,арх",
     "гг,вв,н. э,н.э,др,и др,т. д,т. п,т.д,т.п,пр,млн,млрд,тыс,руб,долл,чел,экз,мин,ум,ред,ген,пер,макс,тур,род,нас",
     "Он,Она,Оно,Они,Это,Этот,Эта,Эти,В,Во,На,С,Со,По,После,До,От,Из,За,К,Ко,При,Для,Его,Её,Ее,Их,Как,Когда,Также,Но,"
     "И,А,О,Об,Был,Была,Было,Были,Является,Находится,Согласно,Затем,Позже,Однако,Кроме,Под,Тогда,Сейчас,Здесь,Там,"
     "Все,Всего,Один,Если,Так,Через,У,Не,Площадь,Население,Родился,Родилась,Умер"},
    {"uk rue", Ordinals::plain,
     "вул,обл,смт,сел,ім,укр,рос,нім,англ,фр,лат,грец,дав.-гр,італ,ісп,польськ,пол,біл,яп,кит,араб,євр,тур,кол,ок,"
     "напр,св,проф,акад,доц,полк,держ,нас,див,пор,стор,рис,табл,гл,кн,вип,оз,пров,пл,просп,бул,дж,тов,т. з,т. зв,"
     "т.зв,бл,букв,скор,сучас,січ,лют,бер,квіт,трав,черв,лип,серп,вер,жовт,лист,груд,чл,нар,засл",
     "рр,ст,до н. е,н. е,н.е,ін,та ін,т. д,т. п,т.д,т.п,млн,млрд,тис,грн,крб,дол,екз,ред,вид,ген,макс,мін",
     "Він,Вона,Воно,Вони,Це,Цей,Ця,Ці,В,У,На,З,Із,Зі,По,Після,До,Від,За,При,Для,Його,Її,Їх,Як,Коли,Також,Але,І,Й,А,"
     "Та,Про,Був,Була,Було,Були,Є,Згідно,Потім,Пізніше,Однак,Крім,Під,Тоді,Тут,Там,Усі,Один,Якщо,Так,Через,Не,Площа,"
     "Населення,Народився,Народилася,Помер"},
    {"be", Ordinals::plain,
     "вул,вобл,обл,рус,бел,ням,англ,фр,лат,грэч,італ,ісп,польск,укр,яп,нар,рэд,выд,напр,св,праф,акад,гл,кн,вып,воз,"
     "пл,праз,т. зв,т. е,студз,лют,сак,крас,чэрв,ліп,жн,вер,кастр,ліст,снеж",
     "гг,стст,н. э,н.э,і інш,інш,т. д,т. п,млн,млрд,тыс,чал,ген",
     "Ён,Яна,Яно,Яны,Гэта,Гэты,У,Ў,На,З,Са,Па,Пасля,Да,Ад,За,Пры,Для,Яго,Яе,Іх,Як,Калі,Таксама,Але,І,А,Быў,Была,Было,"
     "Былі"},
    {"bg mk", Ordinals::plain,
     "ул,обл,общ,гр,бул,пл,св,проф,акад,доц,инж,арх,полк,д-р,бълг,рус,нем,англ,фр,лат,итал,исп,тур,сръб,роден,ок,ред,"
     "изд,напр,вж,стр,фиг,гл,кн,яну,февр,апр,авг,септ,окт,ноем,дек,т. е,т. нар,т.нар,т.е,т.н",
     "пр. хр,сл. хр,хр,пр.н.е,н. е,н.е,др,и др,т. н,млн,млрд,хил,лв,ген,макс,мин",
     "Той,Тя,То,Те,Това,Този,Тази,Тези,В,Във,На,С,Със,По,След,До,От,За,При,Негов,Неговата,Като,Когато,Също,Но,И,А,Е,"
     "Бил,Била,Според,Тоа,Таа,Овој,Оваа,Во,Со,Се"},
    {"pl csb szl", Ordinals::stopped,
     "ul,al,pl,os,ok,im,ks,św,dr,prof,hab,inż,mgr,doc,płk,ppłk,mjr,kpt,ppor,abp,bp,kard,hr,tj,tzw,tzn,np,ww,niem,ang,"
     "fr,łac,gr,wł,hiszp,ros,czes,ukr,węg,jap,chiń,ur,zm,zob,red,wyd,tłum,nr,str,rys,tab,rozdz,ds,godz,maks,płn,płd,"
     "wsch,zach,woj,pow,gm,jez,b. d,m. in,m.in,ps,stycz,mar,kwiet,czerw,lip,sierp,wrz,paźdz,grudz,feat,vs,op",
     "in,itd,itp,etc,n.e,p.n.e,n. e,p. n,tys,mln,mld,zł,jr,sp. z,o.o,gen,por,pol,tom,min,lut,list",
     "W,We,Na,Z,Ze,Po,Od,Do,Jest,Był,Była,Było,Jego,Jej,Ich,Ten,Ta,To,Te,Jako,Gdy,Kiedy,Także,Ale,I,A,O,U,Za,Przed,"
     "Podczas,Według,Przez,Dla,On,Ona,Ono,Oni,Nie,Się,Został,Została,Obecnie,Pod,Przy,Urodził,Urodziła,Zmarł,"
     "Następnie,Późnej"},
    {"cs sk", Ordinals::stopped,
     "čes,slov,něm,nem,angl,fr,franc,lat,řec,gréc,it,ital,šp,špan,rus,maď,jap,ukr,ca,cca,asi,sv,dr,prof,doc,ing,mgr,"
     "bc,judr,mudr,phdr,rndr,rsdr,thdr,plk,pplk,mjr,kpt,npor,por,tzv,tj,t. j,t. č,např,napr,resp,popř,kol,čís,nar,"
     "zem,zemř,obyv,okr,ul,nám,nábř,str,obr,tab,kap,roč,odd,red,vyd,přel,arch,ún,břez,květ,čvn,čvc,srp,zář,říj,pros,"
     "feat,vs,op",
     "atd,apod,etc,n. l,př. n,n.l,př.n.l,kr,př. kr,po kr,tis,mil,mld,jr,st,ml,s.r.o,a.s,r. o,a. s,o. s,pol,gen,led,"
     "dub,list,max,min",
     "V,Ve,Vo,Na,Z,Ze,Zo,Po,Od,Do,Je,Byl,Byla,Bylo,Bol,Bola,Bolo,Jeho,Její,Jej,Jejich,Ich,Ten,Ta,To,Tento,Tato,Toto,"
     "Táto,Jako,Ako,Když,Keď,Také,Tiež,Ale,I,A,O,U,Za,Před,Pred,Během,Počas,Podle,Podľa,Pro,Pre,On,Ona,Ono,Oni,Ne,Má,"
     "S,Se,Si,K,Při,Pri,Dnes,Narodil,Narodila,Zemřel,Později,Neskôr"},
    {"hr sr sh bs sl cnr", Ordinals::stopped,
     "tzv,tj,npr,prof,mr,ing,inž,sv,ul,br,str,lat,grč,njem,nem,engl,ang,fr,tal,ital,šp,rus,hrv,srp,slov,mađ,tur,cca,"
     "ca,rođ,roj,umro,usp,izd,ur,ured,prev,knj,pok,akad,dipl,mag,doc,jan,feb,mar,apr,jun,jul,avg,aug,sep,sept,okt,"
     "nov,dec,min,feat,t. i,t. j,t.i,тзв,тј,нпр,проф,инж,ген,св,ул,бр,стр,лат,грч,нем,енгл,фр,итал,рус,тур,око,рођ,"
     "ум,изд,прев,књ,акад",
     "itd,itn,sl,dr,i dr,kr,pr. kr,po kr,pr. n,n. e,n. št,pr.n.št,n.e,p.n.e,p. n,god,mil,mlrd,tis,hilj,d.o.o,ml,st,"
     "итд,сл,др,н. е,п. н,н.е,п.н.е,год,мил,gen,um,max",
     "U,V,Na,Iz,S,Z,Sa,Po,Od,Do,Je,Bio,Bila,Bilo,Bil,Njegov,Njegova,Njen,Taj,Ta,To,Ovaj,Ova,Ovo,Kao,Kada,Ko,Također,"
     "Takođe,Ali,Ampak,I,In,A,O,Za,Pre,Prije,Pred,Tijekom,Tokom,Prema,On,Ona,Ono,Oni,Ne,Nakon,Posle,Danas,Danes,"
     "Rođen,Rodil,Umro,У,На,Из,Са,С,По,Од,До,Је,Био,Била,Било,Његов,Његова,Тај,Та,То,Овај,Ова,Ово,Као,Када,Такође,"
     "Али,И,А,О,За,Пре,Током,Према,Он,Она,Оно,Они,Не,Након,После,Данас,Рођен"},
    {"lt ltg lv sgs", Ordinals::stopped,
     "pvz,vad,t. y,t. p,dr,prof,doc,inž,plk,šv,sv,gim,dzim,mir,pav,pr,apskr,raj,gatvė,al,pl,lot,gr,vok,angl,pranc,it,"
     "isp,rus,lenk,liet,latv,vāc,angļu,nr,tom,psl,lpp,piem,t. i,t. s,t.i,t.s,sal,red,sast",
     "pr. kr,po kr,kr,p. m,m. ē,p.m.ē,m.ē,tūkst,mln,mlrd,milj,ir kt,utt,u. c,u.c,utml,jr,gen",
     "Jis,Ji,Jie,Jos,Tai,Šis,Ši,Šie,Į,Iš,Nuo,Iki,Po,Per,Su,Už,Apie,Kai,Taip,Bet,Ir,O,Buvo,Yra,Jo,Jų,Viņš,Viņa,Viņi,"
     "Tas,Tā,Šī,No,Līdz,Pēc,Ar,Par,Kad,Arī,Un,Bija,Kopš,Pirms,Kā,Lai"},
    {"fi et vro olo vep krl se", Ordinals::stopped,
     "esim,mm,ns,ts,prof,dosent,fil,nk,nn,ent,synt,kuol,nro,vrt,ks,siv,lat,engl,saks,ruots,ran,ven,ital,esp,jap,"
     "kreik,puh,os,pyhä,st,dr,kr,näit,nt,sh,s. o,s. t,snd,sünd,surn,lk,nr,vt,umb,ld,ingl,pr,vene,rts,tlk,toim,kirj,"
     "op,feat,vs,max,min",
     "jne,ym,yms,jms,jkr,ekr,eaa,jaa,j.kr,e.kr,pkr,m.a.j,e.m.a,aj,tms,mlj,milj,mrd,mld,tuh,jr,sr",
     "Hän,Se,Ne,He,Tämä,Nämä,Ensimmäinen,Vuonna,Vuoden,Vuosina,Kun,Myös,Mutta,Ja,Sen,Hänen,Heidän,Siitä,Siellä,Siinä,"
     "Niin,Kuitenkin,Lisäksi,Nykyisin,Yhtye,Kaupungin,Ta,Tema,See,Need,Nad,Aastal,Kui,Ka,Aga,Oma,Selle,Ning,Pärast"},
    {"hu", Ordinals::stopped,
     "dr,prof,ifj,özv,szt,pl,ún,kb,ld,vö,sz,szül,megh,lat,gör,ném,ang,fr,sp,jan,febr,márc,ápr,máj,jún,júl,aug,szept,"
     "okt,nov,dec,fej,szerk,kiad,tel,u. n,i. sz,kr. e,kr. u,feat,vs,op,gr,br",
     "stb,kft,bt,rt,zrt,nyrt,jr,i. e,i.e,kr.e,i.sz,ker,max,min",
     "A,Az,Ez,Ezt,Egy,Ő,Ők,Itt,Ott,Nem,Van,Volt,És,De,Mint,Amikor,Után,Mivel,Bár,Több,Első,Később,Ekkor,Majd,Innen,"
     "Apja,Anyja,Született,Jelenleg,Szintén,Csak,Azonban,Ebben,Ennek,Mindkét"},
    {"tr az tk crh gag", Ordinals::stopped,
     "dr,prof,doç,yrd,av,müh,yzb,bkz,örn,yak,yy,cad,sok,apt,no,ing,fr,lat,yun,osm,m. ö,m. s,m.ö,m.s,i.ö,t. c,t.c,hz,"
     "sn,st,vol,cilt,haz,çev,ed,oca,şub,mar,nis,tem,ağu,eyl,eki,feat,min",
     "vb,vs,vd,a.ş,ltd,şti,inc,jr,bas,e. ə,e.ə,gen,max",
     "Bu,Şu,O,Bir,Ve,Ama,Ancak,İlk,Daha,Sonra,Onun,Bunun,Onlar,Ayrıca,İçin,Her,Çok,Bazı,Günümüzde,Ne,En,Hem,Şehir,"
     "Kent,Köy,Film,Yılında,Burada,Olarak"},
    {"eu", Ordinals::stopped, "dr,prof,adib,ik,or,orr,k.a,k. a,jaio,lat,gr,ing,fr,gazt,eus",
     "etab,eta abar,abar,k.o,k. o,e.a", "Eta,Baina,Hau,Hori,Bera,Haren,Bere,Gero,Ere,Izan,Du,Da,Zen,Lehen,Hura"},
    {"el pnt", Ordinals::plain,
     "αγ,κα,δρ,καθ,βλ,σελ,π.χ,π. χ,δηλ,λ.χ,αρ,τόμ,εκδ,μτφρ,επιμ,λατ,αγγλ,γαλλ,γερμ,ιταλ,ισπ,ρωσ,τουρκ,περ,γεν,ιαν,"
     "φεβ,μαρ,απρ,ιουν,ιουλ,αυγ,σεπ,σεπτ,οκτ,νοε,δεκ,οδ,λεωφ,πλ,στρ,ταξ,συντ,μ. χ",
     "κ.λπ,κλπ,κ.ά,κ.α,κ. ά,μ.χ,π.κ.χ,εκ,εκατ,χιλ,δισ,α.ε",
     "Ο,Η,Το,Οι,Τα,Την,Τον,Στο,Στη,Στην,Στις,Στα,Σε,Από,Με,Για,Είναι,Ήταν,Αυτός,Αυτή,Αυτό,Όταν,Μετά,Κατά,Και,Αλλά,"
     "Επίσης,Ένα,Ένας,Μια,Μία,Δεν,Έχει,Του,Της"},
    {"vi", Ordinals::plain, "tp,gs,pgs,ts,ths,bs,ks,cn,tt,tx,st,mr,mrs,ms,dr,prof,sđd,vd,nxb,đc,lm,gm,feat,vs",
     "tcn,scn,v.v,vv,jr,inc,ltd,co,tr",
     "Ông,Bà,Nó,Họ,Các,Những,Một,Năm,Trong,Từ,Sau,Khi,Tại,Đây,Vào,Với,Và,Nhưng,Theo,Ngoài,Hiện,Anh,Cô,Đến,Do,Trước"},
    {"id ms jv su min ace", Ordinals::plain,
     "dr,drs,dra,prof,ir,hj,kh,tn,ny,sdr,pt,cv,ud,tgl,no,jl,kab,kec,kel,ds,st,jend,kol,mayjen,brigjen,letjen,hal,vol,"
     "cet,lih,mis,yth,bhs,ing,jan,feb,mar,apr,jun,jul,agt,ags,sep,sept,okt,nov,des,lat,feat,vs,ca,a. n",
     "dll,dsb,dst,tbk,bhd,sdn,inc,ltd,co,jr,sr,sm,s.m,s. m,bel,maks,min",
     "Ia,Dia,Ini,Itu,Pada,Di,Dari,Dengan,Untuk,Dan,Tetapi,Namun,Setelah,Sebelum,Ketika,Saat,Beliau,Mereka,Dalam,"
     "Sebagai,Kota,Desa,Film,Sejak,Menurut,Selain,Juga,Karena,Oleh,Beberapa,Salah"},
    {"ar arz ary fa ckb ur ps azb mzn glk he yi", Ordinals::plain, "أ.د,ق.م,ب.م,هـ,رح,دکتر,مهندس,پروفسور,פרופ,עמ,מס",
     "الخ,إلخ,غيره", "وكان,وهو,وهي,وقد,این,او,הוא,היא,הם"},
    {"ja zh yue wuu gan hak nan cdo lzh ko", Ordinals::plain, "dr,mr,mrs,ms,st,vs,vol,no,feat,ft,prof,ca,cf,fig,pp,op",
     "inc,ltd,co,corp,jr,sr,etc,al", "The,It,He,She", true},
};

// Calls take(part) with what lies between separators.
template <class Take>
void split(std::string_view list, char separator, Take take) {
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find(separator, begin), list.size());
    take(list.substr(begin, end - begin));
    begin = end + 1;
  }
}

text::SentenceRules rules_of(const Row& row) {
  text::SentenceRules rules;
  split(row.within, ',', [&](std::string_view word) { rules.within.insert(word); });
  split(row.at_ends, ',', [&](std::string_view word) { rules.at_ends.insert(word); });
  split(row.beginners, ',', [&](std::string_view word) { rules.beginners.insert(word); });
  rules.ordinals = row.ordinals == Ordinals::stopped;
  rules.small_initials = &row != &kRows[0];  // in English a letter is a name or a variable
  rules.east_asian = row.east_asian;
  return rules;
}

using Table = std::unordered_map<std::string_view, text::SentenceRules>;

Table table() {
  Table result;
  for (const Row& row : kRows)
    split(row.languages, ' ', [&](std::string_view language) { result.emplace(language, rules_of(row)); });
  return result;
}

}  // namespace

const text::SentenceRules& sentence_rules(std::string_view language) {
  static const Table rules = table();
  static const text::SentenceRules& english = rules.at("en");
  const auto found = rules.find(language);
  return found == rules.end() ? english : found->second;
}

}  // namespace kilm::languages
