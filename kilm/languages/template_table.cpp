#include "kilm/languages/template_table.h"

// Tells what is known of the templates on each Wikipedia. Where to check one: its documentation there (Template:…/doc,
// Modèle:…/Documentation, Vorlage:…/Doku and their like), which says what a reader sees. The patterns are our own.

namespace kilm::languages {

namespace {

// Lists are broken at commas, which clang-format does not do.
// clang-format off

// --- English ---------------------------------------------------------------------------------------------------------

constexpr TemplateRule kEnglish[] = {
    {"sc,sc2,caps,mono,math,term,defn,keep,normal,resize,char,num,comment,flag,j,serif", "$1"},
    {"script", "$2|$1"},
    {"lit,lit.", "lit. '$1'"},
    {"circa,c.,ca.,ca", "c. $1[ – c. $2]"},
    {"floruit,fl.,fl", "fl. $1[–$2]"},
    {"reign,r.", "r. $1[–$2]"},
    {"born-in,b.", "b. $1"},
    {"died-in,d.", "d. $1"},
    {"mlby,by,baseball year,nfly,nfl year", "$1"},
    {"millennium", "$1 millennium"},
    {"sub", "$1"},
    {"no.,numero,numéro,n°", "No. $1"},
    {"us$,usd,us dollar", "US$$$1"},
    {"decade,decade link", "$1s"},
    {"ship", "$1 $2"},
    {"ps", "PS $1"},
    {"css", "CSS $1"},
    {"gs", "German submarine $1"},
    {"rv", "RV $1"},
    {"ss", "SS $1"},
    {"rms", "RMS $1"},
    {"mv", "MV $1"},
    {"ms", "MS $1"},
    {"sms", "SMS $1"},
    {"smu", "SM $1"},
    {"gts", "GTS $1"},
    {"ins", "INS $1"},
    {"pi", "π"},
    {"dash", " – "},
    {"gap,pad", " "},
    {"e,e-sp", "@power_of_ten"},
    {"date,date-", "@date"},
    {"as of,asof", "@as_of"},
    {"ordinal,ord,nth", "@ordinal"},
    {"s", "$1"},
};

constexpr std::string_view kEnglishNotes =
    "note,ref,rp,r,citation,citation needed,cn,fact,full,better source,note label,ref label,citation*,harv*";

constexpr std::string_view kEnglishSilent =
    "clarify,when,who,which,where,by whom,according to whom,why,what,dubious,discuss,vague,quantify,specify,or,"
    "opinion,ambiguous,about,for,details,redirect,redr,confused,further,clr,end,stack,tone,update,expand section,"
    "cleanup,copy edit,globalize,sound,wikify,increase,decrease,steady,dagger,dn,protected,r from*,r to*,pp-*,use *,"
    "main";

// --- French ----------------------------------------------------------------------------------------------------------

constexpr TemplateRule kFrench[] = {
    {"citation,cita,citation étrangère,citation langue,citation en ligne,guil,guillemets,\",citation sûre",
     "« $(citation) »|« $(texte) »|« $1 »"},
    {"citation bloc,citation encadrée,vers", "\n$(texte)\n|\n$1\n"},
    {"“", "“$1”"},
    {"incise", "@aside"},
    {"tiret,tiret cadratin", "—"},
    {"demi-tiret,tiret demi-cadratin", "–"},
    {"petit,grand,petites capitales,pc,sc,rom,rom-maj,romain,capitales,nobr romains,romains,abréviation,abd,"
     "abréviation discrète,surligner,souligner,exergue,titre d'œuvre,œuvre,souverain,souverain2,souverain-,"
     "souverain3,pape,roi,prince,saint,api,msapi,phon,phonétique,unicode,grec,grec ancien,arabe,hébreu,cyrillique,"
     "texte arabe,texte hébreu,caractère,police,code langue,références souhaitées,bulle,infobulle,infobulle,"
     "nuance,japonais sans nom,lnobr-,terme défini,définition,siècle texte", "$1"},
    {"référence nécessaire,refnec,référence souhaitée,refsou,référence à confirmer,référence insuffisante,"
     "référence non conforme,référence incomplète,à sourcer inline,quand,qui,qui ?,quoi,où,lesquels,lequel,laquelle,"
     "combien,comment,pourquoi,pourquoi ?,par qui,selon qui,pas clair,passage évasif,passage promotionnel,"
     "passage lyrique,non neutre,passage non neutre,interprétation personnelle,incompréhensible,précision nécessaire,"
     "préciser,évasif,style,douteux,contradiction,passage à actualiser,à vérifier,vérifier,texte à vérifier,"
     "anglicisme,inapproprié,trop long,sic !", "$1|"},
    {"langue avec nom,en langue,texte en langue", "$2|"},
    {"lnobr", "$2|$1"},
    {"lien,lien interlangue,lien il,liens", "$(texte)|$(fr)|$1|$(trad)|"},
    {"japonais", "$1[ ($2[, $3])]|$2"},
    {"chinois,coréen,vietnamien,thaï", "$(texte)|$(hangeul)|$(c)|$(t)|$(s)|$1"},
    {"mme,mmes,mlle,mlles,mgr,mgrs,dr,drs,me,mes,pr,prs,cie,vve,st,ste,sts,s.,r.p.,p.s.,m.,mm.", "$0[ $1]"},
    {"n°,no,numéro,n", "no $1|no"},
    {"nos,n° s,numéros", "nos $1|nos"},
    {"1er,1re,1ers,1res,1ère,2d,2de,2ds,2nd,2nde,2e,3e,4e,5e,6e,7e,8e,9e,10e,11e,12e,13e,14e,15e,16e,17e,18e,19e,20e,"
     "21e,ier,ire,iie,iiie,ive,ve,vie,viie,viiie,ixe,xe,xie,xiie,xiiie,xive,xve,xvie,xviie,xviiie,xixe,xxe,xxie,ii,"
     "iii,iv,vi,vii,viii,ix,xi,xii,xiii,xiv,xv,xvi,xvii,xviii,xix,xx,xxi", "$0[ $1]"},
    {"* janvier,* février,* mars,* avril,* mai,* juin,* juillet,* août,* septembre,* octobre,* novembre,* décembre,"
     "* av. j.-c.,* apr. j.-c.,* avant j.-c.", "$0[ $1]"},
    {"* siècle,* siècles,* millénaire", "@named_century"},
    {"er,ers,re,res,ère,nd,nde,nds,ndes,d,de,o,os", "$0"},
    {"e,ème,es", "$1|e"},
    {"exp", "@sup"},
    {"ind", "$1"},
    {"s,s-,siècle,-s,-s-,s mini,s mini-,-s mini,-s mini-,sap,sap-,sav,sav-,millénaire,m,m-,-m,-m-,mil", "@century"},
    {"s2,s2-,-s2,-s2-,sp,sp-,-sp,-sp-,-sp+s,-sp-+s,s2 mini,s2 mini-", "@centuries"},
    {"date,date-,date rapide,date courte,jma,date de naissance,date de naissance-,date de décès,date de décès-,"
     "date naissance,date décès", "@day_month_year"},
    {"année,année-,an,années,décennie,jour,jour-,mois", "$1"},
    {"av jc,av. j.-c.,av j.-c.,avjc,-c", "$1 av. J.-C.|av. J.-C."},
    {"apr jc,apr. j.-c.,ap. j.-c.,ap jc", "$1 apr. J.-C.|apr. J.-C."},
    {"avant jc,avant j.-c.", "$1 avant J.-C.|avant J.-C."},
    {"après jc,après j.-c.", "$1 après J.-C.|après J.-C."},
    {"heure,h,heures", "$1 h $2 min $3 s|$1 h $2|$1 h"},
    {"durée,duree,temps", "$1 h $2 min $3 s|$1 h $2 min|$1 h|$2 min $3 s|$2 min|$3 s"},
    {"unité,unité/2,nombre,nb,num,bunité,quantité,tmp,température,temp,monnaie,valeur", "@quantity"},
    {"euro,euros,€", "$1 €|€"},
    {"dollar,dollars,usd,us$", "$1 $$|$$"},
    {"livre,livre sterling,gbp", "$1 £|£"},
    {"fchim,formule chimique", "@chemical"},
    {"racine", "√$1"},
    {"x10,x10^", "@power_of_ten"},
    {"gras,ita,italique,latin,taxon,nom scientifique", "$1"},
    {"pourcent,pourcentage,%", "$1 %"},
    {"km2,km²", "km²"},
    {"m2,m²", "m²"},
    {"m3,m³", "m³"},
    {"°c", "$1 °C|°C"},
    {"°", "°"},
    {"p.,p", "p. $1|p."},
    {"pp.,pp", "p. $1|p."},
    {"vol.,vol", "vol. $1|vol."},
    {"t.,tome", "t. $1|t."},
    {"chap.,chap", "chap. $1|chap."},
    {"fol.,f°", "fo $1|fo"},
    {"art.", "art. $1|art."},
    {"verset,bible,coran", "$1 $2, $3|$1 $2|$1"},
    {"etc.,etc", "etc."},
    {"france,allemagne,belgique,suisse,canada,québec,états-unis,royaume-uni,angleterre,écosse,irlande,pays de galles,"
     "italie,espagne,portugal,pays-bas,luxembourg,autriche,suède,norvège,danemark,finlande,pologne,russie,ukraine,"
     "urss,chine,japon,inde,brésil,argentine,australie,maroc,algérie,tunisie,grèce,turquie,hongrie,roumanie,tchéquie",
     "$0"},
    {"drapeau2,pays,drapeau pays", "$1"},
};

constexpr std::string_view kFrenchNotes =
    "ouvrage,article,chapitre,lien web,lien brisé,lien vidéo,lien conférence,article encyclopédique,thèse,brevet,sfn,"
    "sfnp,harvsp,harvp,note,notes,note groupe,référence,références,références nombreuses,refa,reflet,légifrance,imdb,"
    "nombreuses références,citation nécessaire,plume,plume de l'article,écrit,bibliographie,"
    "référence inexacte,source,sources,source insuffisante,lire en ligne,pdf,ref";

constexpr std::string_view kFrenchSilent =
    "article détaillé,article connexe,articles détaillés,voir homonymes,voir homonyme,voir paronymes,voir aussi,"
    "confusion,autres projets,bases,liens,dictionnaires,ébauche*,portail*,palette*,infobox*,taxobox*,méta palette,"
    "multi bandeau,à sourcer,sources secondaires,admissibilité,en cours,titre en italique,titre mis en forme,"
    "titre incorrect,langue du titre,image*,images,carte*,arbre*,légende*,drapeau,début*,fin*,colonnes,clr,clear,"
    "message galerie,taille,ancre,en,fr,de,es,it,ru,ja,zh,nl,pt,ar,la,pl,el,grc,he,co,ko,prononciation,écouter,"
    "lang lien,référence à lier,recyclage,section vide*,à recycler,à wikifier,wikifier,désaccord*,suppression*,"
    "bon article,article de qualité,travail inédit,biographie*,catégorie*,autorité,interprojet,écouter l'article,"
    "coord titre,géolocalisation,drapeau-,crédit d'auteurs,traduit de,traduction/référence,ca,sv,da,no,fi,cs,hu,tr,"
    "uk,ro,bg,eu,eo";

// --- German ----------------------------------------------------------------------------------------------------------

constexpr TemplateRule kGerman[] = {
    {"\",zitat,zitat-de,zitat-en,zitat-fr,zitat-la", "„$(text)“|„$1“"},
    {"ens", "englisch $1[ $2]"},
    {"frs", "französisch $1[ $2]"},
    {"las", "lateinisch $1[ $2]"},
    {"grcs,agrs", "altgriechisch $1[ $2]"},
    {"els", "griechisch $1[ $2]"},
    {"rus", "russisch $1[ $2]"},
    {"uks", "ukrainisch $1[ $2]"},
    {"its", "italienisch $1[ $2]"},
    {"ess", "spanisch $1[ $2]"},
    {"pts", "portugiesisch $1[ $2]"},
    {"nls", "niederländisch $1[ $2]"},
    {"pls", "polnisch $1[ $2]"},
    {"css", "tschechisch $1[ $2]"},
    {"sks", "slowakisch $1[ $2]"},
    {"hus", "ungarisch $1[ $2]"},
    {"ros", "rumänisch $1[ $2]"},
    {"trs", "türkisch $1[ $2]"},
    {"ars", "arabisch $1[ $2]"},
    {"hes", "hebräisch $1[ $2]"},
    {"fas", "persisch $1[ $2]"},
    {"jas", "japanisch $1[ $2]"},
    {"zhs", "chinesisch $1[ $2]"},
    {"kos", "koreanisch $1[ $2]"},
    {"svs", "schwedisch $1[ $2]"},
    {"das", "dänisch $1[ $2]"},
    {"nos", "norwegisch $1[ $2]"},
    {"fis", "finnisch $1[ $2]"},
    {"bgs", "bulgarisch $1[ $2]"},
    {"hrs", "kroatisch $1[ $2]"},
    {"srs", "serbisch $1[ $2]"},
    {"cas", "katalanisch $1[ $2]"},
    {"sls", "slowenisch $1[ $2]"},
    {"mks", "mazedonisch $1[ $2]"},
    {"sqs", "albanisch $1[ $2]"},
    {"bes", "belarussisch $1[ $2]"},
    {"ets", "estnisch $1[ $2]"},
    {"lvs", "lettisch $1[ $2]"},
    {"lts", "litauisch $1[ $2]"},
    {"iss", "isländisch $1[ $2]"},
    {"gas", "irisch $1[ $2]"},
    {"cys", "walisisch $1[ $2]"},
    {"hys", "armenisch $1[ $2]"},
    {"kas", "georgisch $1[ $2]"},
    {"eus", "baskisch $1[ $2]"},
    {"ths", "thailändisch $1[ $2]"},
    {"vis", "vietnamesisch $1[ $2]"},
    {"his", "Hindi $1[ $2]"},
    {"sas", "Sanskrit $1[ $2]"},
    {"kks", "kasachisch $1[ $2]"},
    {"mns", "mongolisch $1[ $2]"},
    {"yis", "jiddisch $1[ $2]"},
    {"hsbs", "obersorbisch $1[ $2]"},
    {"nds", "niederdeutsch $1[ $2]"},
    {"lautschrift", "[$1]"},
    {"kapitälchen,sperrschrift,unicode,arf,hef,hochgestellt,tiefgestellt,klein,größer,kasten,georgs,akk,"
     "modifizierter text,latein,korrektur,spoiler,kor,zeichen,ipa-text,schriftart,überstrichen,fett,kursiv", "$1"},
    {"japanisch,koreanisch,chinesisch", "$1"},
    {"datum,datum2,dts", "@day_month_year"},
    {"zahl,formatzahl,zahlenformat,formatnum,si,einheit,messwert", "@quantity"},
    {"bruch", "$1 $2/$3|$1/$2"},
    {"höhe", "$1 m"},
    {"eur", "$1 €|€"},
    {"chf", "$1 CHF|CHF"},
    {"usd", "$1 US-Dollar"},
    {"§", "§ $1 $2|§ $1"},
    {"art.", "Art. $1 $2|Art. $1"},
    {"b,bibel,bb", "$1 $2,$3|$1 $2|$1"},
    {"nbsp", " "},
    {"0", ""},
};

constexpr std::string_view kGermanNotes =
    "literatur,internetquelle,webarchiv,bibisbn,bibdoi,belege,beleg,fn,fnz,fnbox,fnbez,anmerkung,toter link,"
    "einzelnachweise,der spiegel,zeit online,dnb-portal,quelle,medienquelle,imdb,cite*,googlebuch,hls,adb,ndb,"
    "archiv";

constexpr std::string_view kGermanSilent =
    "hauptartikel,siehe auch,siehe,weiterleitungshinweis,begriffsklärungshinweis,dieser artikel,infobox*,"
    "navigationsleiste*,normdaten,personendaten,commons*,commonscat*,wiktionary,wikisource,wikiquote,wikinews,"
    "lückenhaft,belege fehlen,überarbeiten,veraltet,qs*,weblink*,anker,absatz,mehrere bilder,panorama,bild*,toc*,"
    "flagicon,coordinate article,taxobox*,redundanztext,neutralität,nur liste,unvollständig,schwesterprojekte,"
    "gesprochene version,exzellent,lesenswert,falschschreibung,löschen*,allgemeinverständlichkeit,wer,wann,was,wo,"
    "welche,defekter weblink,stolperstein*,audio*,höhenangabe,kategorie*,sortierung*,panorama,all coordinates,"
    "vorlage*,dokumentation*,tabellenstile,zukunft";

// --- Spanish ---------------------------------------------------------------------------------------------------------

constexpr TemplateRule kSpanish[] = {
    {"siglo,s", "@century_of_era"},
    {"siglos", "siglos $1 y $2|siglos $1"},
    {"esd,versalita,versalitas,pequeño,grande,sc,unicode,afi,ipa2,subrayado,nowrap,transcripción,transl,"
     "bandera2,geodatos nombre,texto,título,enlace pasivo,griego,hebreo,árabe,negrita,cursiva", "$1"},
    {"unidad,número,num,cantidad,magnitud,temperatura", "@quantity"},
    {"fecha,fecha de inicio,fecha de nacimiento,fecha de fallecimiento,fecha de nacimiento y edad",
     "@day_month_year"},
    {"cita,cita textual,quote", "«$1»"},
    {"cita requerida,cr,refnec,aclaración requerida,aclarar,¿quién?,¿cuándo?,¿dónde?,según quién,demostrar,sic,quién,"
     "cuándo,dónde,qué,cuál,cuáles,cuántos,por qué,citarequerida,sin fuente", "$1|"},
    {"ac,a. c.,a.c.,a.c", "$1 a. C.|a. C."},
    {"dc,d. c.,d.c.,d.c", "$1 d. C.|d. C."},
    {"n.º,n.,nº,número ordinal", "n.º $1|n.º"},
    {"o", "º"},
    {"ordinal", "$1.º"},
    {"euro,euros,€", "$1 €|€"},
    {"usd,dólar,us$", "$1 USD"},
    {"p.", "p. $1"},
    {"biblia", "$1 $2|$1"},
    {"fracción", "$1 $2/$3|$1/$2|1/$1"},
    {"km2,km²", "km²"},
    {"m2,m²", "m²"},
};

constexpr std::string_view kSpanishNotes =
    "cita libro,cita web,cita publicación,cita noticia,cita *,obra citada,enlace roto,referencia,ref,refn,harvnb,"
    "harvsp,harvtxt nota,nota,nota al pie,rp,r,sfn,listaref,referencias,añadir referencias,revisar traducción,"
    "imdb*";

constexpr std::string_view kSpanishSilent =
    "vt,ap,véase también,véase,ver,artículo principal,otros usos,otrosusos,otros usos título,redirige aquí,"
    "distíngase,ficha*,esbozo*,miniesbozo*,control de autoridades,wikificar,referencias adicionales,copyedit,"
    "traducido de,commons*,commonscat,wikiquote,wikcionario,wikisource,wikispecies,geodatos,bandera,banderaicono,"
    "marcador,portal*,ortografía,título en cursiva,título incorrecto,sin referencias,mejorar*,sinrelevancia,"
    "promocional,posible*,multiple image,imagen múltiple,galería*,pronunciación,en,fr,de,it,pt,ca,eu,ru,ja,la,"
    "en idioma,subst,artículo bueno,artículo destacado,desactualizado,traducción,plagio,no neutralidad,nn,actualizar,"
    "página codificada,sucesión*,sort*,ordenar*,clear,anclaje";

// --- Italian ---------------------------------------------------------------------------------------------------------

constexpr TemplateRule kItalian[] = {
    {"m", "@measure"},
    {"ta,tutto attaccato,maiuscoletto,small,afi,ipa2,unicode,nobr,sottolineato,testo,piccolo,grande,abbr,"
     "nave,lingua testo,traslitterazione,cita,pdf titolo", "$1"},
    {"citazione,quote", "\n$(testo)\n|\n$1\n"},
    {"citazione necessaria,cn,senza fonte,chiarire,non chiaro,quando,quale,chi,dove,perché,da chi,secondo chi,"
     "collegamento da verificare,affermazione dubbia,attribuzione", "$1|"},
    {"bio", "@biography"},
    {"secolo,sec", "$1 secolo[ $2]"},
    {"a.c.,ac", "$1 a.C.|a.C."},
    {"d.c.,dc", "$1 d.C.|d.C."},
    {"inglese,francese,tedesco,latino,greco", "$1"},
    {"data", "@day_month_year"},
    {"passo biblico", "$1"},
    {"apici", "@exponent"},
    {"n.,n°,nº", "n. $1|n."},
    {"euro,€", "$1 €|€"},
    {"fraz,frazione", "$1 $2/$3|$1/$2"},
};

constexpr std::string_view kItalianNotes =
    "cita libro,cita web,cita news,cita pubblicazione,cita testo,cita *,sfn,harvnb,rp,note,references,"
    "collegamento interrotto,webarchive,treccani,dizionario*,imdb,nota,ndr";

constexpr std::string_view kItalianSilent =
    "tmp,vedi anche,nota disambigua,torna a,f,p,s,c,w,e,t,o,nn,l,a,d,bandiera,bandierina,sinottico*,infobox*,"
    "divisione*,film,album,controllo di autorità,interprogetto,portale*,approfondimento,box*,avvisounicode,"
    "organizzare,ancora,stub*,pronuncia,en,fr,de,es,pt,ru,ja,la,el,immagine*,immagini*,galleria*,templatebar,clear,"
    "tassobox*,vetrina,vdq,controlcopy,da aggiornare,aggiornare,finestra*,cronologia*,lingue,multiple image,formato,"
    "correggere,unire,dividere,senza fonti,nowikidata,carriera*,incipit*,carica pubblica,sportivo,artista musicale";

// --- Portuguese ------------------------------------------------------------------------------------------------------

constexpr TemplateRule kPortuguese[] = {
    {"séc,século,sec,séc.", "@century_of_era"},
    {"ilc", "$1"},
    {"lknb", "$1 $2 $3|$1 $2|$1"},
    {"séculos", "séculos $1 e $2|séculos $1"},
    {"fmtn,fmt,número,num,unidade,unid,quantidade", "@quantity"},
    {"dtlink,data,dni,dnibr,nascimento,morte,falecimento,data de nascimento,data de morte", "@day_month_year"},
    {"citação,quote,quote1,citação2,bquote", "\n$1\n"},
    {"\"", "“$1”"},
    {"pbpe,pepb,pbpe2,pepb2,versalete,small,ipa2,afi,nobreak,língua,unicode,pequeno,texto,título,link,flag,tooltip",
     "$1"},
    {"carece de fontes,nre,carece de fontes2,quem,quem?,quando,quando?,onde,qual,por quem,como,porque,esclarecer,"
     "vago,dúvida,necessita de fonte,sem fonte", "$1|"},
    {"a.c.,ac,ac.", "$1 a.C.|a.C."},
    {"d.c.,dc", "$1 d.C.|d.C."},
    {"n.º,nº", "n.º $1|n.º"},
    {"ordinal", "$1.º"},
    {"euro,euros,€", "€ $1|€"},
    {"brl,r$", "R$$ $1|R$$"},
    {"usd,us$", "US$$ $1"},
    {"biblia,bíblia,citar bíblia", "$1 $2:$3|$1 $2|$1"},
};

constexpr std::string_view kPortugueseNotes =
    "carece de fontes*,citar livro,citar web,citar periódico,citar jornal,citar *,cite*,ref,refn,harvref,harvnb,sfn,"
    "nota,nota de rodapé,ligação inativa,wayback,referências,notas,reflist,rp,fonte";

constexpr std::string_view kPortugueseSilent =
    "ver artigo principal,artigo principal,ap,ver também,vt,vertambém,ver desambiguação,minidesambig,minidesambig2,"
    "não confundir,info/*,infobox*,info*,esboço*,controle de autoria,portal3,portal*,correlatos,commons*,commonscat,"
    "sem-fontes*,mais notas,mais fontes,título em itálico,formatar referências,revisão,em tradução,artigo bom,"
    "artigo destacado,multitag,wikificação,parcial,global,reciclagem,flagicon,flagicone,flagiconbr,bandeira,"
    "geocoordenadas,imagem múltipla,âncora,quadro*,redirect,redirecionamento,redireciona,outros usos,dablink,caixa*,"
    "sem infocaixa,tradução/ref,navegação,tocdireita,limpar,manutenção/*,en,es,fr,de,it,ja,la,link en,anexo,ps,not,"
    "pt,desatualizado,sidebar*,semimagem*";

// --- Dutch -----------------------------------------------------------------------------------------------------------

constexpr TemplateRule kDutch[] = {
    {"oudestijldatum", "$1 $2"},
    {"datum", "@day_month_year"},
    {"aut,kleinkapitaal,kleinkapitalen,klein,groot,unicode,tekst,sc,ipa2,ondertekst,citaat-inline,titel", "$1"},
    {"citaat,cquote,quote", "\n$(tekst)\n|\n$1\n"},
    {"getal,num,eenheid,formatnum", "@quantity"},
    {"euro,€,eur", "€ $1|€"},
    {"usd,us$", "$$ $1"},
    {"sup", "@sup"},
    {"sub", "$1"},
    {"bron?,feit,wanneer?,wie?,welke?,waar?,bron gevraagd", "$1|"},
    {"bijbel", "$1 $2:$3|$1 $2|$1"},
    {"opus", "opus $1"},
    {"v.chr.,v.chr", "$1 v.Chr.|v.Chr."},
    {"n.chr.,n.chr", "$1 n.Chr.|n.Chr."},
    {"c.,ca.", "ca. $1|ca."},
};

constexpr std::string_view kDutchNotes =
    "citeer*,ref,refn,sfn,bron*,voetnoot,noot,noten,refs,references,appendix,dode link,webarchief,wayback,cite*,"
    "r";

constexpr std::string_view kDutchSilent =
    "zie hoofdartikel,hoofdartikel,zie ook,zie dp,zie,zie artikel,infobox*,taxobox*,beginnetje*,navigatie*,commons*,"
    "commonscat*,bron,etalage,wikiquote,wikisource,wikt,wikt*,portaal*,nuweg,wiu*,ne,auteur,weg,audio*,meebezig,"
    "neutraliteit,verouderd,actueel,wikify,taalpoets,tabel*,vertaald,bibliografische informatie,gesproken wikipedia,"
    "nl,en,fr,de,es,la,it,afbeeldingen,meerdere afbeeldingen,grafiek,kaart*,leeswaarschuwing,anker,clear,flagicon,"
    "vlagicon,wanneer,wie,feit*,twijfel,dubieus,coor*";

// --- Swedish ---------------------------------------------------------------------------------------------------------

constexpr TemplateRule kSwedish[] = {
    {"språk,lang2", "$2|$1"},
    {"citat,citat blok,blockcitat", "\n$(text)\n|\n$1\n"},
    {"enhet,tal,antal", "@quantity"},
    {"datum", "@day_month_year"},
    {"kapitäler,liten,stor,unicode,understruken,kursiv,ipa2,tooltip,hjälptext", "$1"},
    {"sek,kronor", "$1 kronor"},
    {"usd,us$", "$1 dollar"},
    {"euro,€", "$1 euro"},
    {"källa behövs,kb,vem,när,vilka,var,förtydliga,tveksamt,oklart,vem?,när?", "$1|"},
    {"f.kr.,f.kr", "$1 f.Kr.|f.Kr."},
    {"e.kr.,e.kr", "$1 e.Kr.|e.Kr."},
    {"bibel,bibeln", "$1 $2:$3|$1 $2|$1"},
};

constexpr std::string_view kSwedishNotes =
    "webbref,bokref,tidningsref,tidskriftsref,citation,sfn,r,rp,ref,not,fotnot,noter,referenser,wayback,"
    "död länk,cite*,källa,runeberg,sv,imdb*,tveksam";

constexpr std::string_view kSwedishSilent =
    "huvudartikel,se även,olika betydelser,för,omdirigering,faktamall*,geobox*,taxobox*,infobox*,stub*,*stub,"
    "auktoritetsdata,commons*,commonscat,källor,disputed,disp,uttal,ljud,wiktionary,wikiquote,portal*,navbox*,"
    "ej encyklopedisk,ofullständig,språkvård,uppdatera,kvalitetskontroll,bred bild,flera bilder,ankare,en,fr,de,"
    "flaggbild,flagg*,mall*,koord*,rensa,sidomeny,robotskapad*,robotskapat,utmärkt,bra,läsvärd,standardsortering*";

// --- Norwegian and Danish --------------------------------------------------------------------------------------------

constexpr TemplateRule kNorwegian[] = {
    {"språk", "$2|$1"},
    {"sitat,citat,quote", "\n$(text)\n|\n$1\n"},
    {"tall,enhet,antall", "@quantity"},
    {"dato,datum", "@day_month_year"},
    {"liten,stor,unicode,ipa2,små kapitéler,tekst,lille", "$1"},
    {"kr,nok,dkk,kroner", "$1 kr|kr"},
    {"euro,€", "€ $1|€"},
    {"trenger referanse,kilde mangler,kildeløs,hvem,når,hvilke,hvor,uklart,uklar,referanse mangler,tr,kilde?,hvem?,"
     "hvornår?", "$1|"},
    {"f.kr.,f.kr,fvt", "$1 f.Kr.|f.Kr."},
    {"e.kr.,e.kr,evt", "$1 e.Kr.|e.Kr."},
};

constexpr std::string_view kNorwegianNotes =
    "kilde www,kilde bok,kilde avis,kilde *,kilde,sfn,ref,refn,r,rp,referanser,reflist,cite*,fotnote,note,noter,"
    "død lenke,wayback,dødt link,kilde artikel,citation";

constexpr std::string_view kNorwegianSilent =
    "hovedartikkel,hoved,se også,hovedartikel,andre betydninger,andrebetydninger,infoboks*,infobox*,taksoboks*,"
    "taxobox*,stubb*,*stubb,spire,stub*,autoritetsdata,autoritetsdata,commons*,commonscat,portal*,trenger*,"
    "opprydning,oppdater,flagg,flaggikon,flagikon,flere bilder,en,fr,de,nynorsk,uttale,lyd,offisielle lenker,"
    "sitatboks,kildeløs artikkel,anker,språkvask,utdypende artikkel,utdypende,klargjør,koord*,clear,toppikon,"
    "uncategorized,standardsortering*";

// --- Polish ----------------------------------------------------------------------------------------------------------

constexpr TemplateRule kPolish[] = {
    {"w języku,język,j,jęz.", "$2|"},
    {"ang.,niem.,fr.,łac.,ros.,wł.,hiszp.,gr.,stgr.,czes.,ukr.,jap.,chiń.,arab.,hebr.,szw.,węg.,lit.,port.,nid.,"
     "słow.,biał.,tur.", "$0[ $1]"},
    {"fakt,kto,kiedy,gdzie,jaki,który,kto?,kiedy?,gdzie?,który?,niezweryfikowane zdanie", "$1|"},
    {"cytat,cytat blok", "\n$(treść)\n|\n$1\n"},
    {"\"", "„$1”"},
    {"małe,duże,kapitaliki,ipa3,ipa4,unicode,tekst,podkreślenie,mini,dymek,skrót", "$1"},
    {"data", "@day_month_year"},
    {"liczba,jednostka", "@quantity"},
    {"ułamek", "$1 $2/$3|$1/$2"},
    {"biblia", "$1 $2,$3|$1 $2|$1"},
    {"euro,€", "$1 euro"},
    {"usd", "$1 dol."},
    {"p.n.e.,pne", "p.n.e."},
    {"n.e.", "n.e."},
    {"nr", "nr $1|nr"},
    {"link-interwiki", "$(tekst)|$1"},
};

constexpr std::string_view kPolishNotes =
    "r,odn,odn/id,refn,u,uwaga,cytuj*,przypisy,przypisy-lista,cite*,dziennik ustaw,monitor polski,martwy link,"
    "bibliografia,rp,ref,simbad,archiwum";

constexpr std::string_view kPolishSilent =
    "zobacz też,osobny artykuł,osobny art,inne znaczenia,* infobox,infobox*,dopracować,kontrola autorytatywna,"
    "commons*,commonscat,siostrzane projekty,wymowa,audio,flaga,flaga państwa,flagicon,portal*,stub*,zalążek*,medal,"
    "na medal,dobry artykuł,kotwica,ang,niem,fr,ros,en,de,es,la,spis*,galeria*,multiimage,wikisłownik,wikicytaty,"
    "linki,nawigacja*,szablon nawigacyjny*,sortuj*,do weryfikacji,zweryfikować,przypisy brak,integruj,"
    "link-interwiki-box,stop,wystający obrazek,grafika rozwinięta,zdjęcie*,poprawić,neutralność,legenda,współrzędne,"
    "seealso,ambox";

// --- Czech and Slovak ------------------------------------------------------------------------------------------------

constexpr TemplateRule kCzech[] = {
    {"vjazyce2,cizojazyčně,cj,cudzojazyčne,jazyk", "$2|"},
    {"vjazyce,vjazyku", ""},
    {"doplňte zdroj,kdo?,kdy?,kde?,který?,fakt,upřesnit,pochybné,zdroj?,chýba zdroj,kdo,kdy", "$1|"},
    {"citát,citace blok,quote", "\n$(text)\n|\n$1\n"},
    {"\",uvozovky", "„$1“"},
    {"datum,dátum", "@day_month_year"},
    {"číslo,jednotka,hodnota", "@quantity"},
    {"malé,velké,kapitálky,unicode,text,římské,podtržené,abbr2,popisek,ipa2,nezalomit", "$1"},
    {"kč,czk,kčs", "$1 Kč|Kč"},
    {"euro,€", "$1 €|€"},
    {"bible,biblia", "$1 $2,$3|$1 $2|$1"},
    {"zlomek", "$1 $2/$3|$1/$2"},
    {"př. n. l.,pnl", "$1 př. n. l.|př. n. l."},
};

constexpr std::string_view kCzechNotes =
    "citace*,citácia*,citace elektronické monografie,sfn,poznámka,poznámky,reference,referencie,r,ref,"
    "mrtvý odkaz,cite*,nedostupný zdroj,wayback,imdb*,kniha,zdroj";

constexpr std::string_view kCzechSilent =
    "hlavní článek,podrobně,viz též,viz také,jiné významy,různé významy,možná hledáte,infobox*,taxobox*,pahýl*,"
    "výhonok*,autoritní data,commons*,commonscat,wikicitáty,wikislovník,sestřičky,portály,portál*,upravit*,neověřeno,"
    "ozdrojovat,aktualizovat,dobrý článek,nejlepší článek,vlajka,vlajka a název,flagicon,výslovnost,audio,kotva,"
    "překlad,neúplný,více obrázků,en,de,fr,es,ru,la,it,sk,pl,navbox*,navigace*,otheruses,redirect,clear";

// --- Russian ---------------------------------------------------------------------------------------------------------

constexpr TemplateRule kRussian[] = {
    {"\",кавычки,цитата в тексте", "«$1»"},
    {"цитата,врезка цитата,quote", "\n$(текст)\n|\n$1\n"},
    {"s,нобр,nobr2,comment,translation,перевод,подст,comment2,мелкий,крупный,выделение,ёфикация,мфа,мфа2,мфа-ру,"
     "ipa2,юникод,sc,капитель,флагификация,флагификация/р,страна,не переводить,лангу,текст,кс,падеж,подсказка,abbr2,"
     "кл,акцент,санскрит,греческий,иврит,арабский,типографика,подчёркивание,знак,tt,аббр,символ,стиль,код,формула,"
     "гиперссылка", "$1"},
    {"нет аи 2,не аи 2,уточнить 2,прояснить 2,неопределённость,кто 2,стиль 2,источник 2,нет в источнике 2,обтекаемо",
     "$1|"},
    {"нп,нп1,нп2,нп3,нп4,нп5,не переведено,не переведено 1,не переведено 2,не переведено 3,не переведено 4,"
     "не переведено 5,iw,не переведено2,не переведено3,не переведено5", "$(текст)|$(надо)|$2|$1"},
    {"число,num,чсло,размер,величина,ед,ед. изм,единица,единица измерения,formatnum", "@quantity"},
    {"oldstyledate", "$1 $2"},
    {"дата,дата рождения,дата смерти,др,дс,дата старого стиля,юлианская дата,юл дата,date,дата начала,дата окончания",
     "@day_month_year"},
    {"сс3,сс2,старый стиль", "$1"},
    {"век", "$1 век"},
    {"годы,год,в году", "$1"},
    {"до н. э.,до н.э.", "$1 до н. э.|до н. э."},
    {"н. э.,н.э.", "$1 н. э.|н. э."},
    {"тире,-тире-,mdash2", " — "},
    {"км²,кв. км,км2", "км²"},
    {"м²,кв. м,м2", "м²"},
    {"рубль,руб,rub", "$1 ₽|₽"},
    {"евро,€", "€$1|€"},
    {"usd,$,доллар", "$$$1|$$"},
    {"дробь", "$1 $2/$3|$1/$2|1/$1"},
    {"библия,бибилия,из библии,коран", "$1 $2:$3|$1 $2|$1"},
    {"№", "№ $1|№"},
    {"китайский,кит,хангыль,корейский", "$1|$2|$3"},
    {"россия,украина,белоруссия,казахстан,германия,франция,италия,испания,великобритания,польша,япония,китай,сша,"
     "ссср,турция", "$0"},
};

constexpr std::string_view kRussianNotes =
    "книга,статья,публикация,источник,cite*,sfn*,ref+,r,rp,ref-*,примечания,комментарии,wayback,недоступная ссылка,"
    "мёртвая ссылка,нет аи,не аи,аи,аи?,источник?,нет в источнике,подтвердить,проверить,прояснить,уточнить,кто,когда,"
    "где,что,какой,какие,чей,почему,мнение,значимость факта,ссылка,ссылка на источник,эсбе,бсэ,бсэ3,брэ,imdb*,"
    "викитека,вс,h,гсэ,сн,efn2,web,нет ссылки,обновить данные,устарело,ref";

constexpr std::string_view kRussianSilent =
    "main,основная статья,главная статья,подробно,подробнее,см. также,смотри также,другие значения*,значения,о,"
    "не путать,перенаправление,redirect,redirect-multi,эта статья,карточка*,универсальная карточка,навигация,"
    "навигационная*,навигационный*,библиоинформация,викисклад,commons*,commonscat,rq,нет ссылок,нет источников,"
    "нет сносок,изолированная статья,избранная статья,хорошая статья,добротная статья,портал*,флаг,флаг *,флагикон,"
    "герб,якорь,anchor,coord*,координаты,врезка,врезка*,кратное изображение,фотомонтаж,кратное*,слушать,audio,"
    "заготовка*,*-stub,stub*,незавершённая*,незавершённый*,переписать,стиль,чистить,дополнить*,дополнить раздел,"
    "обновить,внешние ссылки,родственные проекты,начало*,конец*,кнопка*,clear,очистить,содержание*,toc*,ш,"
    "тематические ссылки,нормативный контроль,нп-*,пк,орден*,медаль*,сортировка*,ключ сортировки*,лангуажеикон,en,de,"
    "fr,es,it,ru,ua,скрытый,hider*,пф,к переименованию,к удалению,ё,спам-ссылки,вкладыш,статья проекта*";

// --- Ukrainian -------------------------------------------------------------------------------------------------------

constexpr TemplateRule kUkrainian[] = {
    {"\",лапки", "«$1»"},
    {"цитата,quote", "\n$(текст)\n|\n$1\n"},
    {"s,нобр,comment,коментар,підказка,дрібний,мфа,ipa2,юнікод,sc,прапорифікація,країна,текст,переклад,бажане,"
     "наголос,капітель,підкреслення,абр,прапор2,символ", "$1"},
    {"не перекладено,не перекладено2,не перекладено3,не перекладено5,нп,нп2,нп3,нп4,нп5,iw,iw2,li", "$2|$1"},
    {"джерело 2,хто 2,уточнити 2,без джерел 2", "$1|"},
    {"число,num,величина,одиниця,од,formatnum", "@quantity"},
    {"дата,дата народження,дата смерті,дн,дс,oldstyledate", "@day_month_year"},
    {"століття,ст", "$1 століття"},
    {"до н. е.,до н.е.", "$1 до н. е.|до н. е."},
    {"н. е.,н.е.", "$1 н. е.|н. е."},
    {"тире", " — "},
    {"км²,км2,кв. км", "км²"},
    {"м²,м2", "м²"},
    {"гривня,uah,грн", "$1 ₴|₴"},
    {"usd,долар", "$$$1|$$"},
    {"євро,€", "€$1|€"},
    {"дріб", "$1 $2/$3|$1/$2|1/$1"},
    {"біблія", "$1 $2:$3|$1 $2|$1"},
    {"№", "№ $1|№"},
    {"україна,росія,польща,німеччина,франція,італія,іспанія,сша,велика британія,срср,японія,китай", "$0"},
};

constexpr std::string_view kUkrainianNotes =
    "книга,стаття,публікація,cite*,sfn*,ref-*,r,rp,примітки,reflist,wayback,недоступне посилання,джерело,джерело?,"
    "без джерел,факт,уточнити,хто,хто?,коли,коли?,де,де?,який,який?,перевірити,сумнівно,уре,есу,imdb*,посилання,"
    "ref+,мертве посилання,неавторитетне джерело,оновити дані,прояснити,ref";

constexpr std::string_view kUkrainianSilent =
    "main,основна стаття,головна стаття,докладніше,детальніше,див. також,дивіться також,інші значення*,значення,про,"
    "не плутати,редирект,картка*,універсальна картка*,навігація*,бібліоінформація,commons*,commonscat,портал*,прапор,"
    "прапорець,герб,якір,coord*,стаб*,*-stub,доробити,вікіфікувати,вичитати,переписати,кілька зображень,аудіо,"
    "вибрана стаття,добра стаття,нормативний контроль,сестринські проєкти,сортування*,початок*,кінець*,en,de,fr,ru,"
    "уривок*,стиль,очистити,clear,оновити,відмінок,додати*,ізольована стаття,неперевірено,універс*";

// --- Japanese --------------------------------------------------------------------------------------------------------

constexpr TemplateRule kJapanese[] = {
    {"読み仮名,読み仮名 ruby不使用,読み仮名ruby不使用,読み仮名 ruby,yomi", "$1（$2）"},
    {"ruby,ルビ,ruby-ja,振り仮名,ふりがな,rubi", "$1"},
    {"仮リンク,ill2,link-interwiki,il", "$(label)|$1"},
    {"要出典範囲,要検証範囲,独自研究範囲,いつ範囲,要説明範囲,要追加記述範囲,誰範囲,どこ範囲,要出典箇所", "$1|"},
    {"補助漢字フォント,jis2004フォント,jis90フォント,cp932フォント,拡張漢字,旧字体,機種依存文字,環境依存文字,外字,"
     "smaller,larger,fontsize,color2,フォント,下線,太字,縮小,拡大,和暦2,補助漢字,jisx0212フォント,漢字,unicode2,"
     "ウェイト,縦書き,下付き,ipa2,hiragana,国名,flagu2,ヘブライ文字,アラビア文字,サンスクリット,字体,強調,傍点,大字,"
     "新字体,縁取り,点字,書体,引用符,非改行,改行不可", "$1"},
    {"nihongo", "$1（$2、$3）|$1（$2）|$1"},
    {"生年月日と年齢,死亡年月日と没年齢,生年月日,没年月日,年月日,birth date,birth date and age,death date,"
     "death date and age,start date,end date,没年齢,start date and age", "@year_month_day"},
    {"要ページ番号", ""},
    {"quotation,quote,blockquote,引用,引用文,cquote", "\n$(text)\n|\n$(引用文)\n|\n$1\n"},
    {"分数", "$1 $2/$3|$1/$2"},
    {"by,mlby,npby,西暦", "$1"},
    {"0", ""},
    {"日本,アメリカ,イギリス,フランス,ドイツ,イタリア,中国,韓国,ロシア,スペイン", "$0"},
};

constexpr std::string_view kJapaneseNotes =
    "sfn*,efn*,refnest,r,rp,要出典,要検証,要ページ番号,誰,誰?,誰2,いつ,いつ?,どこ,どこ?,なぜ,なぜ?,どれ,要説明,"
    "要追加記述,独自研究,要高次出典,信頼性要検証,出典無効,リンク切れ,cite*,citation*,脚注ヘルプ,脚注,"
    "reflist*,notelist*,url,pdflink,webarchive,wayback,要出典科学,ref label,note label,refn,imdb*,出典*,明確化,"
    "要曖昧さ回避,のちの,refsup,ref,非一次出典備考,自主公表,疑問点,正確性,内容過剰,不十分な出典";

constexpr std::string_view kJapaneseSilent =
    "otheruses*,main*,see*,see also,参照,redirect*,混同,別人,for,暗黙リンク,基礎情報*,infobox*,*-stub,*stub,節stub,"
    "出典の明記*,複数の問題,未検証,単一の出典,一次資料,正確性*,中立的観点,観点,独自研究*,更新,加筆依頼,翻訳直後,"
    "ウィキプロジェクト*,portal*,commons*,commonscat*,wikisource*,wiktionary*,wikiquote*,sisterlinks,節スタブ,スタブ,"
    "authority control,典拠管理*,normdaten,デフォルトソート*,defaultsort*,ウィキ座標*,coord*,座標,画像提供依頼*,"
    "画像募集中,記事名の制約,特殊文字*,jis2004,補助漢字*記事,amboxなど,multiple image,vertical images list,toc*,"
    "clear,-,保護*,半保護*,ipa記事,音声,ogg,anchor*,anchors,フラグ,flagicon,在籍,旗,デフォルト,"
    "良質な記事,秀逸な記事,政治家*,駅情報*,生物分類表,サッカー選手,存命人物の出典明記,特筆性,百科事典的でない,"
    "雑多な内容の箇条書き,山括弧,en,fr,de,言語名,ページ番号,外部リンク,告知,宣伝*,大言壮語,表記揺れ案内,告知*,人名,"
    "インターワイキ,継続中の作品,ネタバレ,物故者,皇族,参照方法";

// --- Chinese ---------------------------------------------------------------------------------------------------------

constexpr TemplateRule kChinese[] = {
    {"le,link-*,lj,lfr,ilh,ilink,en-link,translink,internal link,跨语言链接,跨語言連結,bilink,ill-zh,illm-zh,"
     "link-interwiki,il,tsllink", "$3|$1"},
    {"tsl,內部連結助手", "$4|$3"},
    {"ill,illm", "$(lt)|$1"},
    {"ruby,拼音,注音,振假名,ruby-zh,ruby-zh-p,ruby-zh-b,ruby-py", "$1"},
    {"僻字,!!,漢字,pua,kaiti,楷体,楷體,宋体,zhsong,lang2,缺字,简,繁,zhi,zi,異體字,zh-mark,著重號,着重号,fontsize,"
     "语言,語言,小字,nobr2,专名,專名,书名号,全角,下划线,粗体,國旗,flagu2,kai,造字,ids,生僻字,中文字体,擴充字,jan,"
     "公曆,农历,農曆,tibetan,藏文,蒙古文,zh-hans,zh-hant,ko-hang,篆书,简体,繁体,正體,不换行,不換行,原文如此", "$1"},
    {"來源請求範圍,citation needed span,来源请求范围", "$1|"},
    {"bd", "（$1[$2]－[$3][$4]）"},
    {"birth date,birth date and age,death date,death date and age,start date,end date,bda,dda,出生日期,"
     "start date and age,死亡日期,出生日期与年龄,出生日期和年齡,日期", "@year_month_day"},
    {"zh,中文", "$(c)|$(t)|$(s)|$1"},
    {"quote,cquote,blockquote,quotation,引用,引文,bq", "\n$(text)\n|\n$1\n"},
    {"cny,rmb,人民幣,人民币", "￥$1|￥"},
    {"ntd,twd,新臺幣,新台币", "NT$$$1|NT$$"},
    {"hkd,hk$,港元,港幣", "HK$$$1|HK$$"},
    {"usd,us$,美元", "US$$$1|US$$"},
    {"分数,分數", "$1 $2/$3|$1/$2"},
    {"nihongo", "$1（$2、$3）|$1（$2）|$1"},
};

constexpr std::string_view kChineseNotes =
    "sfn*,efn*,refn,r,rp,fact,cn,來源請求,来源请求,需要来源,谁,誰,谁?,何时,何時,何地,哪里,為何,为何,clarify,查证请求,"
    "查證請求,失效链接,死链,dead link,cite*,citation*,reflist*,notelist*,notetag,notefoot,noteta*,"
    "webarchive,wayback,ref,页码请求,頁碼請求,可疑,更好来源,更好來源,不可靠来源,不可靠来源?,请求引用,消歧义链接,"
    "noref,notea,ref label,需要更好来源,需要更好來源,rfc,需要解释,需要解釋,模糊";

constexpr std::string_view kChineseSilent =
    "noteta,main*,see*,see also,另见,參見,参见,主条目,主條目,otheruses*,about,for,distinguish,不是,重定向至此,"
    "redirect*,infobox*,*-stub,*stub,小作品,小小作品,unreferenced,refimprove,more footnotes,roughtranslation,"
    "cleanup*,扩充,update,補充來源,来源不足,portal*,commons*,commonscat*,wikisource*,wiktionary*,sister*,规范控制,"
    "權威控制,authority control,defaultsort*,coord*,座標,multiple image,toc*,clear,-,保护*,pp-*,audio,"
    "发音,listen,anchor*,flagicon,在下,优良条目,典范条目,good article,featured article,cnote*,navbox*,香港行政*,zh-*,"
    "en,ja,en icon,link fa,link ga,vfd,地区用词,地區用詞,地区用词3,繁简混杂,簡繁轉換,转换,bots,noteta-lite,中国行政*,"
    "繁,需要简体,copyedit,生者传记,存疑,poemquote,track listing,專輯*";

// --- Korean ----------------------------------------------------------------------------------------------------------

constexpr TemplateRule kKorean[] = {
    {"llang,언어,외국어", "$2|$1"},
    {"임시 링크,link-interwiki,일시 링크", "$(lt)|$(label)|$1"},
    {"루비,ruby", "$1"},
    {"한자,작은,큰,옛한글,유니코드,국기나라,국기 나라,나라,해석,밑줄,글꼴,폰트,ipa2,여진족,한글,굵게,nowrap2,"
     "두루마리글,줄바꿈 금지,줄바꿈금지,풀이,날개문장,일본어 표기2", "$1"},
    {"출처 범위,출처 필요 범위", "$1|"},
    {"ko-hhrm,한국어", "$(한글)|$(hangul)|$1"},
    {"일본어 표기,nihongo", "$1($2[, $3])|$1"},
    {"birth date,birth date and age,death date,death date and age,start date,end date,출생일,사망일,출생일과 나이,"
     "사망일과 나이,시작 날짜,끝 날짜,날짜", "@year_month_day"},
    {"인용문,인용문2,인용,quote,cquote", "\n$(text)\n|\n$1\n"},
    {"분수", "$1 $2/$3|$1/$2"},
    {"krw,원", "₩$1|₩"},
    {"usd,달러", "$$$1|$$"},
    {"대한민국,조선민주주의인민공화국,일본,중국,미국,영국,프랑스,독일,이탈리아,러시아,스페인,북한", "$0"},
};

constexpr std::string_view kKoreanNotes =
    "출처,출처 필요,출처2,누구,누가,언제,어디,왜,깨진 링크,죽은 링크,각주,주석,내용주,sfn*,efn*,refn,r,rp,ref,cite*,"
    "서적 인용,웹 인용,저널 인용,뉴스 인용,* 인용,인용 필요,명확히,모호,저자 불명,중립 필요,본문주,"
    "글로벌세계대백과,웹아카이브,확인 필요,사실 확인 필요";

constexpr std::string_view kKoreanSilent =
    "본문,주된 문서,참고,같이 보기,다른 뜻*,다른뜻*,구별,혼동,넘어옴,* 정보,정보상자*,infobox*,*토막글,토막글*,"
    "출처 필요 문서,정리 필요,중립,번역 확장 필요,위키공용분류,위키공용,위키문헌,위키낱말사전,자매 프로젝트,포털*,"
    "전거 통제,둘러보기*,좋은 글,알찬 글,기본정렬*,좌표,coord*,목차*,clear,-,국기,국기그림,flagicon,듣기,발음,audio,"
    "앵커,여러 그림,분류*,en,ja,zh,llink,위키데이터 속성 추적,저명성,독자연구,오래됨,갱신,생물 분류,내용 넘침,"
    "사전투표,대화";

// --- Arabic ----------------------------------------------------------------------------------------------------------

constexpr TemplateRule kArabic[] = {
    {"إنج,إنجليزية,إنكليزية,انج,أنج", "(بالإنجليزية: $1)|"},
    {"فرن,فرنسية", "(بالفرنسية: $1)|"},
    {"ألم,ألمانية,المانية", "(بالألمانية: $1)|"},
    {"إسب,إسبانية,اسبانية", "(بالإسبانية: $1)|"},
    {"إيط,إيطالية", "(بالإيطالية: $1)|"},
    {"لات,لاتينية,لاتيني", "(باللاتينية: $1)|"},
    {"روس,روسية", "(بالروسية: $1)|"},
    {"فار,فارسية", "(بالفارسية: $1)|"},
    {"ترك,تركية", "(بالتركية: $1)|"},
    {"عبر,عبرية", "(بالعبرية: $1)|"},
    {"بال*", "($0: $1)|"},
    {"يون,يونانية,إغريقية", "(باليونانية: $1)|"},
    {"هول,هولندية", "(بالهولندية: $1)|"},
    {"برت,برتغالية", "(بالبرتغالية: $1)|"},
    {"ياب,يابانية", "(باليابانية: $1)|"},
    {"صين,صينية", "(بالصينية: $1)|"},
    {"سري,سريانية", "(بالسريانية: $1)|"},
    {"كرد,كردية", "(بالكردية: $1)|"},
    {"أمازيغية,امازيغية", "(بالأمازيغية: $1)|"},
    {"وإو,وصلة إنترويكي,واو,وصلة انترويكي", "$(نص)|$(عر)|$1|$(تر)"},
    {"لغ,نص لغة,lang2", "$2|"},
    {"ص,صلى الله عليه وسلم,صلعم,صل,ﷺ", "ﷺ"},
    {"عليه السلام,ع,عليه", "عليه السلام"},
    {"عليه الصلاة والسلام,رحمه الله,كرم الله وجهه,عز وجل,جل جلاله,سبحانه وتعالى,رضي الله عنهم,رضي الله عنهما", "$0"},
    {"حوالي", "حوالي $1"},
    {"قرن", "القرن $1"},
    {"تحويل,حول", "@convert"},
    {"قيمة", "@value"},
    {"دولار", "$1 دولار"},
    {"يورو", "$1 يورو"},
    {"رضي الله عنه,رضي,رض,رضى", "رضي الله عنه"},
    {"رضي الله عنها", "رضي الله عنها"},
    {"قرآن مصور,قرآن,آية,آية قرآنية,القرآن,قرآن2", "﴿$1﴾"},
    {"خط عربي,صغير,كبير,أصغر,أكبر,نص,خط,منع التفاف,لا التفاف,أبجدية,علم وبلد,بلد,دولة,تلميح,عريض,"
     "مائل,تحته خط,خط قرآني,ألفبائية صوتية,أصد,نسق,علم2,كلمة,اسم,عنوان,رقم عربي,حرف,نص صغير,عربية", "$1"},
    {"اقتباس مضمن,اقتباس قصير,\"", "«$1»"},
    {"اقتباس,اقتباس مركزي,quote", "\n$(text)\n|\n$(نص)\n|\n$1\n"},
    {"عدد,رقم,كمية,وحدة", "@quantity"},
    {"تاريخ,تاريخ الميلاد,تاريخ الوفاة,تاريخ ميلاد,تاريخ وفاة", "@day_month_year"},
    {"هـ,هجري", "$1 هـ|هـ"},
    {"م,ميلادي", "$1 م|م"},
    {"ق.م,ق م", "$1 ق.م|ق.م"},
    {"كم,كيلومتر", "$1 كم|كم"},
    {"كم2,كم²", "$1 كم²|كم²"},
    {"م2,م²", "$1 م²|م²"},
    {"فاصل,مسافة", " "},
    {"ردمك", "ردمك $1"},
    {"تدمد", "تدمد $1"},
    {"كسر", "$1 $2/$3|$1/$2"},
    {"بحاجة لمصدر نص,بحاجة لتوضيح نص", "$1|"},
    {"مصر,السعودية,سوريا,العراق,لبنان,الأردن,فلسطين,المغرب,الجزائر,تونس,ليبيا,السودان,اليمن,الكويت,قطر,البحرين,"
     "الإمارات,عمان,فرنسا,ألمانيا,إيطاليا,إسبانيا,الولايات المتحدة,المملكة المتحدة,روسيا,الصين,اليابان,تركيا,إيران",
     "$0"},
};

constexpr std::string_view kArabicNotes =
    "بحاجة لمصدر,حقيقة,مصدر,بحاجة لتوضيح,من,متى,أين,لماذا,وصلة مكسورة,استشهاد*,مرجع*,ملاحظة,ملاحظات,هامش,هوامش,"
    "ثبت المراجع,مراجع,مراجع*,cite*,sfn*,efn,refn,rp,ref,إشارة,غير موثوق به,بحاجة لاستشهاد*,شرح,ويب أرشيف,"
    "وب-استشهاد,أرشيف الإنترنت,كتاب,دورية,بحاجة لرقم الصفحة,مصدر أفضل,ر";

constexpr std::string_view kArabicSilent =
    "مفصلة,رئيسي,مقالة رئيسية,مقالة مفصلة,انظر أيضا,انظر أيضًا,طالع أيضا,عن,لا للخلط,تمييز,للتوضيح,قد تعني,صندوق*,"
    "معلومات*,بذرة*,شريط*,بوابات,بوابة*,ضبط استنادي,تصنيف كومنز,كومنز,روابط*,مشاريع شقيقة,ويكي*,علم,رمز علم,"
    "أيقونة علم,إحداثيات,كود,عدة صور,صور متعددة,استماع,صوت,مقالة جيدة,مقالة مختارة,محايدة,مصادر أكثر,لا مصدر,وضح,"
    "تهذيب,تنسيق,يتيمة,تحديث,ترجمة آلية,ترجمة,طويلة,ترتيب*,تأليف*,قائمة*,تصفح*,جدول*,ar,en,fr,شم,نطق,ألف,لفظ,"
    "سيرة شخصية,دون مصدر,غير مراجعة,مرساة,أخرى*,بلا شريط,مستخدم*,منازعة,شطب,شريط بوابات,نهاية*,بداية*,معرفات*,قيد*,"
    "محمية*,تنقل*,تصنيفات*,معرض*,معالجة*,إسلام*,شجرة*,خريطة*";

// --- Persian ---------------------------------------------------------------------------------------------------------

constexpr TemplateRule kPersian[] = {
    {"به انگلیسی,انگلیسی", "انگلیسی: $1"},
    {"به فرانسوی,فرانسوی", "فرانسوی: $1"},
    {"به آلمانی,آلمانی", "آلمانی: $1"},
    {"به عربی,عربی", "عربی: $1"},
    {"به ترکی,ترکی,به ترکی استانبولی", "ترکی: $1"},
    {"به روسی,روسی", "روسی: $1"},
    {"به لاتین,لاتین,به لاتینی", "لاتین: $1"},
    {"به یونانی,یونانی", "یونانی: $1"},
    {"به اسپانیایی,اسپانیایی", "اسپانیایی: $1"},
    {"به ایتالیایی,ایتالیایی", "ایتالیایی: $1"},
    {"به کردی,کردی", "کردی: $1"},
    {"به ارمنی,ارمنی", "ارمنی: $1"},
    {"به ژاپنی,ژاپنی", "ژاپنی: $1"},
    {"به چینی,چینی", "چینی: $1"},
    {"به پارسی میانه", "پارسی میانه: $1"},
    {"به فارسی,فارسی", "فارسی: $1"},
    {"چر,چپچین,چپ‌چین,راست‌چین,نستعلیق,کوچک,بزرگ,نشکن,بدون شکستن,عبارت چپ‌چین,عبارت چپچین,عبارت لاتین,"
     "عبارت عربی,عبارت فارسی,لاتین‌نویس,یونیکد,قلم نسخ,قلم,نقل قول کوتاه,ثابت,واج‌نویسی,آوانگاری,الفباآوا,کشور,"
     "پرچم و نام,پرچم+,پررنگ,زیرخط,راهنما,عدد فارسی,متن,پیوند میان‌ویکی,عنوان", "$1"},
    {"پم,میان‌ویکی,پیوند بین ویکی", "$(متن)|$1"},
    {"نقل قول,گفتاورد,نقل‌قول,quote", "\n$(text)\n|\n$(متن)\n|\n$1\n"},
    {"عدد,کمیت,یکا", "@quantity"},
    {"تاریخ,تاریخ تولد,تاریخ درگذشت", "@year_month_day"},
    {"سخ,سرخط,فاصله,نیم‌فاصله", " "},
    {"درود,ص,صلوات", "ﷺ"},
    {"علیه السلام,ع", "علیه‌السلام"},
    {"کم,کیلومتر", "$1 کیلومتر"},
    {"ق.م,پ.م", "$1 پ.م.|پ.م."},
    {"شابک", "شابک $1"},
    {"شاپا", "شاپا $1"},
    {"کسر", "$1 $2/$3|$1/$2"},
    {"مدرک متن", "$1|"},
    {"ایران,افغانستان,تاجیکستان,عراق,ترکیه,فرانسه,آلمان,ایتالیا,اسپانیا,روسیه,ایالات متحده آمریکا,بریتانیا,ژاپن,چین",
     "$0"},
};

constexpr std::string_view kPersianNotes =
    "یاد,یادچپ,یادداشت,پانویس*,پانوشت*,پاورقی,یادکرد*,مدرک,مدرک؟,نیازمند منبع,چه کسی؟,چه کسی,کی؟,کجا؟,کدام؟,روشن‌سازی,"
    "رچ,رف,ف,رک,پک,sfn*,efn,refn,cite*,ref,r,rp,پیوند مرده,منبع,منابع,مبهم,مشکوک,وب‌گاه مرده,سخن,پر,پخ,"
    "پس از منبع,نیازمند صفحه,وبگاه,کتاب";

constexpr std::string_view kPersianSilent =
    "اصلی,نوشتار اصلی,مقاله اصلی,همچنین ببینید,جستار وابسته,دیگر کاربردها,درباره,اشتباه نشود,تغییرمسیر,جعبه*,"
    "جعبه اطلاعات*,*-خرد,خرد*,درگاه*,داده‌های کتابخانه‌ای,انبار*,ویکی*,پروژه‌های خواهر,پرچم,نماد پرچم,پرچم‌نشان,مختصات,"
    "چند تصویر,تمیزکاری*,منبع بیشتر,بدون منبع,بی‌طرفی,به‌روزرسانی,ترتیب‌پیش‌فرض*,ناوبری*,آوا,شنیدن,پرونده*,مقاله خوب,"
    "مقاله برگزیده,پایان*,آغاز*,لنگر,در دست*,پیش‌نویس,ماشینی,فهرست*,en,fr,بررسی*,گسترش*,محفوظ*,یتیم,ویرایش*,لحن,ستون*,"
    "main";

// --- Vietnamese ------------------------------------------------------------------------------------------------------

constexpr TemplateRule kVietnamese[] = {
    {"liên kết ngôn ngữ,ill-vi,liên kết nội bộ", "$(lt)|$1"},
    {"trích dẫn,quote,lời nói,cquote", "\n$(text)\n|\n$1\n"},
    {"nguyên văn,nhỏ,lớn,không ngắt,chữ nhỏ,chữ nôm,hán nôm,vi-nom,cờ,quốc gia,ipa2,tên,chữ,nghiêng,đậm,"
     "giải thích chữ", "$1"},
    {"đổi,chuyển đổi", "@convert"},
    {"số,đại lượng", "@quantity"},
    {"ngày,ngày tháng", "@day_month_year"},
    {"ngày sinh,ngày sinh và tuổi,ngày mất,ngày mất và tuổi,ngày bắt đầu", "@date"},
    {"tcn", "$1 TCN|TCN"},
    {"scn", "$1 SCN|SCN"},
    {"vnd,đồng", "$1 đồng"},
    {"usd", "$1 USD"},
    {"nihongo", "$1 ($2[, $3])|$1"},
};

constexpr std::string_view kVietnameseNotes =
    "cần dẫn nguồn,fact,cn,cần chú thích,chú thích*,tham khảo*,sfn*,efn*,refn,r,rp,ref,cite*,liên kết hỏng,khi nào?,"
    "khi nào,ai?,ai,ở đâu?,làm rõ,cần số trang,cần giải thích,ghi chú,wayback,nguồn không đáng tin cậy?,ai nói?,"
    "cần nguồn tốt hơn";

constexpr std::string_view kVietnameseSilent =
    "bài chính,chính,xem thêm,đầu đề,đổi hướng*,hộp thông tin*,thông tin*,infobox*,taxobox*,bảng phân loại,sơ khai*,"
    "*-stub,kiểm soát tính nhất quán,liên kết dự án,thể loại commons,commons*,cổng thông tin*,chủ đề*,bài viết tốt,"
    "bài viết chọn lọc,thiếu nguồn gốc*,chú thích trong bài,tầm nhìn hẹp,cập nhật,wiki hóa,dịch máy,cần biên tập,"
    "khóa*,bán khóa*,flagicon,cờ icon,biểu tượng cờ,nhiều hình,neo,en,fr,âm thanh,phát âm,mục lục*,sắp xếp*,bdđ,"
    "sao chọn lọc,xem*,văn phong,không nổi bật,mồ côi,clear,main";

// --- Catalan ---------------------------------------------------------------------------------------------------------

constexpr TemplateRule kCatalan[] = {
    {"segle,s", "@century_of_era"},
    {"segles", "segles $1 i $2|segles $1"},
    {"unitat,unitats,xifra,nombre,num", "@quantity"},
    {"data,data naixement,data defunció", "@day_month_year"},
    {"citació,cita,quote", "\n$1\n"},
    {"versaleta,petit,gran,afi,ipa2,unicode,romanes,subratllat,text,transcripció", "$1"},
    {"cal citació,cc,qui?,quan?,on?,quin?,cita requerida,qui,quan,on,aclariment", "$1|"},
    {"ac,a.c.", "$1 aC|aC"},
    {"dc,d.c.", "$1 dC|dC"},
    {"euro,euros,€", "$1 €|€"},
    {"núm.,núm", "núm. $1|núm."},
};

constexpr std::string_view kCatalanNotes =
    "ref-*,ref,refn,sfn,efn,referències,webarchive,enllaç no actiu,nota,notes,cn,fact,cite*,gec,citar*,harvnb,"
    "harvsp,rp,gdlc";

constexpr std::string_view kCatalanSilent =
    "article principal,vegeu,vegeu també,vegeu lliure,altres significats,infotaula*,taula*,esborrany*,autoritat,"
    "commons*,commonscat,projectes germans,millorar*,falten referències,manca*,format ref,bandera,bandera2,"
    "icona bandera,viccionari,viquidites,portal*,en,fr,de,es,it,àudio,so,pronunciació,article bo,article de qualitat,"
    "ordena*,tocdreta,imatge múltiple,galeria*,caixa*,actualitzar,traducció,traduït de,duplicat,neutralitat,infobox*,"
    "àncora,navega,viquifeina,clear,coord*";

// --- Others ----------------------------------------------------------------------------------------------------------

constexpr TemplateRule kFinnish[] = {
    {"k-en,k-de,k-sv,k-fr,k-ru,k-es,k-it,k-la,k-et,k-ja,k-*,kieli", "$1"},
    {"lainaus,sitaatti", "\n$1\n"},
    {"pieni,iso,ei rivinvaihtoa,teksti,ipa2", "$1"},
    {"luku,yksikkö", "@quantity"},
    {"lähde?,milloin,kuka,kuka?,tarkennettava", "$1|"},
    {"eaa,eaa.", "$1 eaa.|eaa."},
};
constexpr std::string_view kFinnishNotes =
    "verkkoviite,kirjaviite,lehtiviite,artikkeliviite,viite,viitteet,lähde,lähteet,lähde tarkemmin,lähteetön,"
    "kuollut linkki,cite*,sfn,imdb*,webarchive";
constexpr std::string_view kFinnishSilent =
    "pääartikkeli,katso myös,täsmennys*,tämä artikkeli,tynkä*,tynkä/*,auktoriteettitunnisteet,commons*,commonscat,"
    "* tietolaatikko,tietolaatikko*,henkilö,taksonomia,lippu,lippukuva,lupaava,hyvä,suositeltu,ei lähteitä,"
    "korjattava*,puutteellinen,päivitettävä,kielenhuolto,en,de,sv,ru,ankkuri,wikisanakirja,edeltäjä*,kuvat,"
    "aakkostus*,infobox*,clear";

constexpr TemplateRule kHungarian[] = {
    {"idézet,idézet 2,quote", "\n$1\n"},
    {"ny,nyelv", "$2|"},
    {"szám,mértékegység", "@quantity"},
    {"kiskapitális,kicsi,nagy,betű,ipa2,sorban", "$1"},
    {"forr,forrás?,ki?,mikor?,hol?,nincs forrás", "$1|"},
};
constexpr std::string_view kHungarianNotes =
    "cite*,cite web,cite book,cithungarian,cith,citlib,citper,citweb,hiv,hiv-web,hiv-könyv,jegyzetek,források,megj,"
    "refhely,sfn,opcit,halott link,wayback,ref,r,lábj,cite journal,pnb,imdb*";
constexpr std::string_view kHungarianSilent =
    "bővebben,lásd még,fő,* infobox,infobox*,csonk*,nemzetközi katalógusok,portál*,commons*,commonscat,commonskat,"
    "társlapok,nincs forrás*,lektor,wikifikálás,zászló,zászlóikon,kiemelt,jó,kiejtés,hang,en,de,fr,szakasz*,"
    "többképes,horgony,taxobox*,figyelmeztetés*,rendez*,clear,ti";

constexpr TemplateRule kTurkish[] = {
    {"dil,dil*,yabancı dil", "$2|$1"},
    {"alıntı,quote,uzun alıntı", "\n$1\n"},
    {"küçük,büyük,ülke,bayrak adı,ipa2,metin,bölünmez", "$1"},
    {"sayı,birim", "@quantity"},
    {"kaynak belirt,kim,ne zaman,nerede,hangi,kaynak gerekli", "$1|"},
    {"mö", "MÖ $1|MÖ"},
    {"ms", "MS $1|MS"},
    {"try,tl", "$1 TL|TL"},
    {"doğum tarihi,doğum tarihi ve yaşı,ölüm tarihi,ölüm tarihi ve yaşı,başlangıç tarihi,bitiş tarihi", "@date"},
    {"türkiye,almanya,fransa,italya,ispanya,rusya,amerika birleşik devletleri,birleşik krallık,japonya,çin", "$0"},
};
constexpr std::string_view kTurkishNotes =
    "kaynak,kaynak *,web kaynağı,kitap kaynağı,haber kaynağı,dergi kaynağı,akademik dergi kaynağı,kaynakça,notlar,"
    "not,cite*,sfn*,efn,refn,r,rp,ref,ölü bağlantı,webarşiv,kdş,hangi?,kim?,doğrula,açıklama gerekli";
constexpr std::string_view kTurkishSilent =
    "ana,ana madde,ayrıca bakınız,diğer anlamı,bilgi kutusu*,* bilgi kutusu,taksokutu,taslak*,*-taslak,"
    "otorite kontrolü,commons*,commonscat,commons kategorisi,portal*,kardeş projeler,kaynaksız,düzenle,güncelle,"
    "bayraksimge,bayrak,bayrak simge,kaliteli madde,seçkin madde,çoklu resim,tr-sıralama*,en,fr,de,çapa,dinle,"
    "telaffuz,kutu*,clear,altbilgi*,sırala*,karıştırma";

constexpr TemplateRule kIndonesian[] = {
    {"bahasa", "$2|$1"},
    {"kutipan,quote,cquote", "\n$1\n"},
    {"kecil,besar,bendera,negara,ipa2,teks", "$1"},
    {"angka,satuan", "@quantity"},
    {"butuh rujukan,fakta,siapa,kapan,siapa?,kapan?,rujukan?", "$1|"},
    {"sm", "$1 SM|SM"},
    {"rp,idr", "Rp$1|Rp"},
    {"tanggal lahir,tanggal lahir dan umur,tanggal wafat,tanggal kematian,tanggal kematian dan umur", "@date"},
};
constexpr std::string_view kIndonesianNotes =
    "cn,fact,cite*,sfn*,efn*,refn,r,reflist,ref,pranala mati,daftar referensi,kutip*,cit*,catatan,wayback,"
    "butuh klarifikasi";
constexpr std::string_view kIndonesianSilent =
    "utama,lihat,lihat pula,untuk,redirect,kotak info*,infobox*,*-stub,rintisan*,authority control,"
    "pengawasan otoritas,commons*,commonscat,portal*,rapikan,tanpa referensi,kembangkan*,terjemah,wikify,gabung*,"
    "bedakan,flagicon,artikel bagus,artikel pilihan,en,id,kategori*,taksobox*,taxobox*,clear,inuse,about,suara,main";

constexpr TemplateRule kHebrew[] = {
    {"אנג,אנגלית", "באנגלית: $1|"},
    {"שם בשפה,שפה", "$2|$1"},
    {"ציטוט,ציטוטון,מרכאות", "\"$(תוכן)\"|\"$1\""},
    {"קטן,גדול,כתב קטן,ש,הערת אזהרה,מוקטן,נוטריקון,כתב רש\"י,דגל+שם,משמאל לימין,ltr,מספר,ניקוד,עברית", "$1"},
    {"תנ\"ך,בבלי,ירושלמי,משנה,רמב\"ם", "$1 $2, $3|$1 $2|$1"},
    {"דרוש מקור,מקור", "$1|"},
    {"מסת\"ב", "מסת\"ב $1"},
    {"כ", "$1"},
};
constexpr std::string_view kHebrewNotes =
    "הערה,הערות שוליים,ביאור,ביאורים,צ-ספר,צ-מאמר,צ-*,cite*,הארץ,ynet,nrg,מעריב,דוח,קישור שבור,הערות,מי,מתי,"
    "דרושה הבהרה,sfn,הפניה,וואלה*,כותר,דבר,ויקיציטוט,יוטיוב,imdb*,הבהרה";
constexpr std::string_view kHebrewSilent =
    "ערך מורחב,הפניה לערך מורחב,ראו גם,פירוש נוסף,אין תמונה,קצרמר*,מיון ויקיפדיה,ויקישיתוף*,מיזמים,בקרת זהויות,דגל,"
    "דגל*,סמל,להשלים,לשכתב,עריכה,מקורות,תבנית*,סדר*,מיון*,עוגן,ש\"ס,פורטל*,ניווט*,אישיות,מפה*,קובץ*,תמונה*,ערך מומלץ,"
    "שמע,clear,הפרדת*";

constexpr TemplateRule kThai[] = {
    {"ตัวเล็ก,เล็ก,ธงชาติ,ตัวหนา", "$1"},
    {"คำพูด,quote", "\n$1\n"},
    {"ต้องการอ้างอิงเฉพาะส่วน2", "$1|"},
};
constexpr std::string_view kThaiNotes =
    "อ้างอิง*,ต้องการอ้างอิง*,cite*,sfn*,efn*,refn,r,ref,reflist,รายการอ้างอิง,ใคร,เมื่อไร,ขาดแหล่งอ้างอิง,หมายเหตุ,ลิงก์เสีย";
constexpr std::string_view kThaiSilent =
    "บทความหลัก,ดูเพิ่มที่,ดูเพิ่ม,ความหมายอื่น,กล่องข้อมูล*,infobox*,โครง*,*โครง,สถานีย่อย*,คอมมอนส์*,commons*,เรียงลำดับ*,ไฟล์*,"
    "เก็บกวาด*,authority control,ควบคุมรายการหลักฐาน,ธง,flagicon,บทความคัดสรร,บทความคุณภาพ,en,clear,main";
// --- All languages: names that mean the same wherever they are known -------------------------------------------------

constexpr TemplateRule kAll[] = {
    // One argument as it is.
    {"nowrap,nobr,nowr,no wrap,small,smaller,smalldiv,big,larger,large,center,centre,nobold,noitalic,noitalics,"
     "strong,em,bold,italic,italics,italic correction,underline,overline,strikethrough,smallcaps,small caps,allcaps,"
     "monospace,code,inline code,samp,tt,mvar,varserif,var,sans-serif,visible anchor,vanchor,vanc,anchored,"
     "anchorword,abbr,abbrv,abbrlink,tooltip,h:title,hover title,font color,nihongo2,nihongo krt,zh-t,zh-s,"
     "title case,not a typo,as written,proper name,chem2,dfn,asiantitle,unicode,polytonic,grc,hebrew,rtl-lang,"
     "link text,quotedtext,nwr,flagcountry,flagu,pslink,plural form,okina word", "$1"},
    {"lang,langx,rtl,script/hebrew,langue,llang,native name,native phrase", "$2|$(texte)|$(text)|$1"},
    {"lang-*", "$1|$(t)|$(s)|$(c)|$(text)|$(texte)"},
    {"transl,transliteration,translit,tlit", "$3|$2|$1"},
    {"font,color,colored text,coloredlink,background color,couleur,farbe,color texto,color text,colore,coloreonline,"
     "kleur,färg,färgtext,farge,farve,kolor,barva,цвет,колір,لون,ملون,نص ملون,متن رنگی,رنگ,màu,väri,színes,renk,צבע,สี,색",
     "$2|$(text)|$1"},
    {"sic", "$1| "},
    {"nihongo", "$1[ ($2[, $3])]|$2[ ($3)]"},
    {"nihongo3", "$3[ ($2[, $1])]|$2[ ($1)]"},
    {"nihongo foot", "$1"},
    {"ill,interlanguage link,illm,interlanguage link multi,link-interwiki,red link,redlink", "$(lt)|$1"},
    {"zh,chinese", "$(c)|$(t)|$(s)|$1"},
    {"korean,ko-hhrm", "$(hangul)|$1"},
    {"ruby,ruby-ja", "$1"},
    {"読み仮名", "$1 ($2)"},
    {"仮リンク", "$1"},
    {"le,link-en,link-fr,link-de,link-ja", "$3|$1"},
    {"tsl", "$4|$3"},
    {"нп,нп1,нп2,нп3,нп4,нп5,не переведено,не переведено 2,не переведено 3,не переведено 5,iw", "$2|$1"},
    {"lien", "$(texte)|$(fr)|$1|$(trad)"},
    {"wikt-lang", "$3|$2"},
    {"gloss", "'$1'"},
    {"literal translation,literally", "lit. '$1'"},
    {"polytonisch,stn,rws,versalita,nts,число,souverain,souverain2", "$1"},
    {"sort", "$2|$1"},
    {"sortname", "$1 $2"},
    {"née,nee", "née $1"},
    {"né", "né $1"},
    {"ipalink,ipa link,script/arabic,railgauge,track gauge,nq", "$1"},
    {"ipablink", "[$1]"},
    {"ipaslink", "/$1/"},
    {"vr,angbr,angle bracket,angbr ipa,angle bracket ipa,angbr link,gph", "⟨$1⟩"},
    {"unichar", "U+$1"},
    // Case.
    {"lc", "@lc"},
    {"uc", "@uc"},
    {"lcfirst", "@lcfirst"},
    {"ucfirst", "@ucfirst"},
    {"formatnum", "@formatnum"},
    // Times.
    {"circa", "c. $1[ – c. $2]"},
    {"oldstyledate,old style date", "$1[ $2]"},
    {"bd", "（$1[$2]－[$3][$4]）"},
    {"siglo", "siglo $1"},
    {"séc", "século $1"},
    {"1er", "1er"},
    {"av jc,av. j.-c.", "av. J.-C."},
    {"apr jc,apr. j.-c.", "apr. J.-C."},
    {"birth date,birth date and age,birth-date,birth-date and age,death date,death date and age,death-date,"
     "death-date and age,start date,start date and age,start-date,end date,end-date,film date,dob,bda,dda,"
     "birth year and age,dts", "@date"},
    // Numbers.
    {"frac,fraction,sfrac", "$1 $2/$3|$1/$2|1/$1"},
    {"half", "½"},
    {"sqrt,radic", "√$1"},
    {"unité,unidad,fmtn", "@quantity"},
    {"§", "§ $1[ $2]"},
    {"long ton", "$1 long tons"},
    {"qref,quran", "Quran $1:$2"},
    {"a$,aud", "A$$$1"},
    {"ca$,cad", "CA$$$1"},
    {"nz$,nzd", "NZ$$$1"},
    {"hk$,hkd", "HK$$$1"},
    {"s$,sgd", "S$$$1"},
    {"krw", "₩$1"},
    {"php,philippine peso", "₱$1"},
    {"gbp,£,pound,pound sterling", "£$1"},
    {"euro,€,eur", "€$1"},
    {"inr,indian rupee,rupee", "₹$1"},
    {"¥,jpy,cny,yen", "¥$1"},
    {"us patent", "U.S. Patent $1"},
    {"isbn,isbn2,isbnt", "ISBN $1[, $2]"},
    {"issn,issn2", "ISSN $1"},
    {"oclc", "OCLC $1"},
    {"doi", "doi:$1"},
    {"hdl", "hdl:$1"},
    {"convert,cvt,convertir,converter,converti,conversion", "@convert"},
    {"sup", "@sup"},
    {"val", "@value"},
    {"height", "@height"},
    {"chem,chemical formula", "@chemical"},
    {"mixed,linktext,gaps", "@in_a_row"},
    {"keypress,key press,key,kbd", "@keys"},
    {"post-nominals,postnominals,post nominals", "@letters_behind_name"},
    {"music", "@music"},
    {"coord", "@coordinates"},
    {"bibleverse,bible verse,bibleref,bibleref2,bibleverse-nb", "@scripture"},
    {"audio", "@audio"},
    {"ipa", "@sound"},
    {"ipa-*", "@foreign_sound"},
    {"ipac-*", "@english_sound"},
    {"harvtxt,harvcoltxt", "@source"},
    // Signs.
    {"snd,spnd,sndash,spaced ndash,spaced en dash,spaced en dash space", " – "},
    {"ndash,en dash,–", "–"},
    {"mdash,mdashb,em dash,emdash,—", "—"},
    {"spaced emdash,spaced em dash,snds", " — "},
    {"nbsp,space,spaces,thin space,thinsp,hair space,hairsp,nnbsp,br,break,crlf,em space,en space", " "},
    {"·,middot,dot,•,bull,bullet,dot separator,\\", " · "},
    {"',apostrophe", "'"},
    {"'s", "'s"},
    {"\",double quote", "\"$1\"|\""},
    {"'-,-'", "'"},
    {"-\",\"-", "\""},
    {"' \"", "' \""},
    {"\"'", "\"'"},
    {"'\"", "'\""},
    {"\" '", "\" '"},
    {"=", "="},
    {"*", "*"},
    {",", ""},
    {"okina,ʻ,hamza", "ʻ"},
    {"ayin", "ʿ"},
    {"minus", "−"},
    {"times,x mark symbol", "×"},
    {"pm,plusminus,±", "+$1−$2|±$1|±"},
    {"deg,degree", "°"},
    {"eqm", "⇌"},
    {"sharp,music sharp,♯", "♯"},
    {"flat,music flat,♭", "♭"},
    {"natural,music natural,♮", "♮"},
    {"lbrace,(", "{"},
    {"rbrace,)", "}"},
    // Ships and their classes.
    {"sclass,sclass-,sclass2,sclass2-", "$1-class $2"},
    {"hms", "HMS $1"},
    {"hmas", "HMAS $1"},
    {"hmcs", "HMCS $1"},
    {"uss", "USS $1"},
    {"hmnzs", "HMNZS $1"},
    {"hnlms", "HNLMS $1"},
    {"hdms", "HDMS $1"},
    {"hswms", "HSwMS $1"},
    {"usns", "USNS $1"},
    {"uscgc", "USCGC $1"},
    // Quotations are paragraphs of their own.
    {"quote,blockquote,bquote,quotation,cquote,block quote,centered quote", "\n$(text)\n|\n$(quote)\n|\n$1\n"},
};

constexpr std::string_view kAllNotes =
    "sfn*,harvnb,harvp,harvcol,harvcolnb,refn,efn*,notetag,cref,cref2,ref-label,citation needed span,page needed,"
    "reference page,harvard citation,harvard citation no brackets,wayback,webarchive,dead link,failed verification,"
    "better source needed,reflist,notelist,full citation needed,unreliable source?,primary source inline,"
    "self-published inline,cite *,* needed,* inline,*-inline,*?";

constexpr std::string_view kAllSilent =
    "whom?,disputed inline,update inline,update after,as of?,weasel-inline,pov-inline,original research inline,"
    "synthesis inline,lead missing,undue weight inline,time fragment,contradict-inline,citation style,"
    "incomplete short citation,verify source,not in citation given,not in source,nonspecific,relevance inline,"
    "pronunciation needed,pronunciation,pronunciation-needed,listen,respell,spoken wikipedia,flagicon,flag icon,"
    "flagdeco,anchor,anchors,main article,see also,further information,other uses,other people,hatnote,distinguish,"
    "clear,-,clearleft,clearright,toc right,toc left,toc,toclimit,toc limit,shy,zwj,zwnj,zwsp,wbr,nowrap begin,"
    "nowrap end,nobr begin,nobr end,nowrap-begin,refbegin,refend,div col,div col end,col-begin,col-break,col-end,"
    "colbegin,colend,s-start,s-end,multiple image,double image,quote box,quotebox,rquote,pull quote,wikisource*,"
    "wiktionary,commons*,portal*,authority control,sister project links,good article,featured article,dmoz,"
    "birth year category,double dagger,ref begin,ref end,lsj,defaultsort*,displaytitle*,italic title,lowercase title,"
    "lowercase,contains special characters,multiple issues,refimprove,unreferenced,more citations needed,"
    "empty section,over-quotation,redirect-distinguish,for multi,technical reasons,correct title,selfref,stack begin,"
    "stack end,disambiguation needed,disambig needed,disambiguate,needdab,inflation-fn,inflation/fn,"
    "use list-defined references,specialchars,crossreference,crossref,see below,see above,cs1 config,"
    "qualify evidence,wikipedia books,infobox*,taxobox*,automatic taxobox*,speciesbox*,* icon";

// clang-format on

constexpr TemplateSection kSections[] = {
    {"en simple", kEnglish, kEnglishNotes, kEnglishSilent},
    {"fr", kFrench, kFrenchNotes, kFrenchSilent},
    {"de als bar lb", kGerman, kGermanNotes, kGermanSilent},
    {"es gl an ast", kSpanish, kSpanishNotes, kSpanishSilent},
    {"it", kItalian, kItalianNotes, kItalianSilent},
    {"pt", kPortuguese, kPortugueseNotes, kPortugueseSilent},
    {"nl", kDutch, kDutchNotes, kDutchSilent},
    {"sv", kSwedish, kSwedishNotes, kSwedishSilent},
    {"no nb nn da", kNorwegian, kNorwegianNotes, kNorwegianSilent},
    {"pl", kPolish, kPolishNotes, kPolishSilent},
    {"cs sk", kCzech, kCzechNotes, kCzechSilent},
    {"ru", kRussian, kRussianNotes, kRussianSilent},
    {"uk", kUkrainian, kUkrainianNotes, kUkrainianSilent},
    {"ja", kJapanese, kJapaneseNotes, kJapaneseSilent},
    {"zh", kChinese, kChineseNotes, kChineseSilent},
    {"ko", kKorean, kKoreanNotes, kKoreanSilent},
    {"ar arz", kArabic, kArabicNotes, kArabicSilent},
    {"fa", kPersian, kPersianNotes, kPersianSilent},
    {"vi", kVietnamese, kVietnameseNotes, kVietnameseSilent},
    {"ca", kCatalan, kCatalanNotes, kCatalanSilent},
    {"fi", kFinnish, kFinnishNotes, kFinnishSilent},
    {"hu", kHungarian, kHungarianNotes, kHungarianSilent},
    {"tr", kTurkish, kTurkishNotes, kTurkishSilent},
    {"id ms", kIndonesian, kIndonesianNotes, kIndonesianSilent},
    {"he", kHebrew, kHebrewNotes, kHebrewSilent},
    {"th", kThai, kThaiNotes, kThaiSilent},
    {"", kAll, kAllNotes, kAllSilent},
};

}  // namespace

std::span<const TemplateSection> template_sections() { return kSections; }

}  // namespace kilm::languages
